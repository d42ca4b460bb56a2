-- One decision of a sliding window counter, atomically.
--
-- KEYS[1]  begin of the current window, units in it, units in the one before, packed; no key: none in either
-- Returns  begin of the current window, units in it before the call, units in the one before, and now: packed.
--
-- What counts never exceeds the limit, so every product stays below 2^53 and is exact.

local begin, current, previous = now - now % period, 0, 0
local stored = redis.call("GET", KEYS[1])
if stored then
  local known, units, before = struct.unpack("<i8i8i8", stored)
  if begin <= known then -- also where the clock stepped back: the current window has then just begun
    begin, current, previous = known, units, before
  elseif begin == known + period then
    previous = units
  end
end

local share = previous * (begin + period - math.max(now, begin))
local fits = cost <= limit - current and share <= (limit - current - cost) * period
if fits and cost > 0 and take == 1 then
  local lasts = math.max(math.ceil((begin + 2 * period - now) / 1000), shortest)
  redis.call("SET", KEYS[1], struct.pack("<i8i8i8", begin, current + cost, previous), "PX", lasts)
end
return struct.pack("<i8i8i8i8", begin, current, previous, now)
