-- One decision of a fixed window, atomically.
--
-- KEYS[1]  the window in which something was last taken: "begin:units"; no key is an empty window
-- ARGV     limit, period, cost, take (1 or 0), now ("" for the server's clock), shortest time to live (ms),
--          anchored (1: the window begins with the first call in it; 0: at a multiple of the period)
-- Returns  units taken, this call included; microseconds until the window is over; whether the call fits.

local limit, period, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = clock(ARGV[5])

local begin, units = ARGV[7] == "1" and now or now - now % period, 0
local stored = redis.call("GET", KEYS[1])
if stored then
  local stored_begin, stored_units = stored:match("^(%d+):(%d+)$")
  if now < stored_begin + period then -- also where the clock stepped back into an earlier window
    begin, units = tonumber(stored_begin), tonumber(stored_units)
  end
end

local fits = units + cost <= limit
local ends_in = begin + period - now
if fits and cost > 0 and ARGV[4] == "1" then
  units = units + cost
  local lasts = math.max(math.ceil(ends_in / 1000), tonumber(ARGV[6]))
  redis.call("SET", KEYS[1], string.format("%.0f:%.0f", begin, units), "PX", lasts)
end
return { units, ends_in, fits and 1 or 0 }
