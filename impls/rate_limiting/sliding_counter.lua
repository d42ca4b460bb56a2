-- One decision of a sliding window counter, atomically.
--
-- KEYS[1]  "begin:current:previous": the current window, the units in it, and in the one before; no key: none in either
-- ARGV     limit, period, cost, take (1 or 0), now ("" for the server's clock), shortest time to live (ms)
-- Returns  begin of the current window, units in it before the call, units in the one before, now, whether it fits.
--
-- What counts never exceeds the limit, so every product stays below 2^53 and is exact.

local limit, period, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = clock(ARGV[5])

local begin, current, previous = now - now % period, 0, 0
local stored = redis.call("GET", KEYS[1])
if stored then
  local known, units, before = stored:match("^(%d+):(%d+):(%d+)$")
  known, units, before = tonumber(known), tonumber(units), tonumber(before)
  if begin <= known then -- also where the clock stepped back: the current window has then just begun
    begin, current, previous = known, units, before
  elseif begin == known + period then
    previous = units
  end
end

local share = previous * (begin + period - math.max(now, begin))
local fits = cost <= limit - current and share <= (limit - current - cost) * period
if fits and cost > 0 and ARGV[4] == "1" then
  local lasts = math.max(math.ceil((begin + 2 * period - now) / 1000), tonumber(ARGV[6]))
  redis.call("SET", KEYS[1], string.format("%.0f:%.0f:%.0f", begin, current + cost, previous), "PX", lasts)
end
return { begin, current, previous, now, fits and 1 or 0 }
