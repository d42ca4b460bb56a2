-- One decision of a fixed window, atomically.
--
-- KEYS[1]  the window in which something was last taken: its begin and units, packed; no key is an empty window
-- Variant  1: the window begins with the first call in it; 0: at a multiple of the period
-- Returns  units taken, this call included; microseconds until the window is over; whether the call fits: packed.

local begin, units = variant == 1 and now or now - now % period, 0
local stored = redis.call("GET", KEYS[1])
if stored then
  local stored_begin, stored_units = struct.unpack("<i8i8", stored)
  if now < stored_begin + period then -- also where the clock stepped back into an earlier window
    begin, units = stored_begin, stored_units
  end
end

local fits = units + cost <= limit
local ends_in = begin + period - now
if fits and cost > 0 and take == 1 then
  units = units + cost
  redis.call("SET", KEYS[1], struct.pack("<i8i8", begin, units), "PX", math.max(math.ceil(ends_in / 1000), shortest))
end
return struct.pack("<i8i8i8", units, ends_in, fits and 1 or 0)
