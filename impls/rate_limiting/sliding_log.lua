-- One decision of a sliding window log, atomically.
--
-- KEYS[1]  a list of what still counts, the oldest first: instant, units, and the sum of all units up to the entry, packed
-- Returns  units that count, this call included; microseconds until the call would fit (-1: never or at once);
--          microseconds until the last one is over; whether the call fits: packed.

local function entry(index)
  local text = redis.call("LINDEX", KEYS[1], index)
  if not text then
    return nil
  end
  local at, units, sum = struct.unpack("<i8i8i8", text)
  return { at = at, units = units, sum = sum }
end

local last = entry(-1)
local latest = last and math.max(now, last.at) or now -- a clock that stepped back counts as standing still
local first = entry(0)
while first and first.at <= latest - period do
  redis.call("LPOP", KEYS[1])
  first = entry(0)
end
if not first then
  last = nil
end

local units = first and last.sum - first.sum + first.units or 0
local fits, wait = units + cost <= limit, -1
if fits and cost > 0 and take == 1 then
  local sum = (last and last.sum or 0) + cost
  redis.call("RPUSH", KEYS[1], struct.pack("<i8i8i8", latest, cost, sum))
  units, last = units + cost, { at = latest }
  local lasts = math.ceil((latest + period - now) / 1000)
  redis.call("PEXPIRE", KEYS[1], math.max(lasts, shortest))
elseif not fits and cost <= limit then
  -- The first entry with which enough is freed; sums grow, so half of the rest can be left out each time.
  local enough = last.sum - limit + cost
  local low, high = 0, redis.call("LLEN", KEYS[1]) - 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if entry(middle).sum >= enough then
      high = middle
    else
      low = middle + 1
    end
  end
  wait = entry(low).at + period - now
end
return struct.pack("<i8i8i8i8", units, wait, last and last.at + period - now or 0, fits and 1 or 0)
