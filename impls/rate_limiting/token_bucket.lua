-- One decision of a token bucket, atomically.
--
-- KEYS[1]  the bucket: what was missing, and at which instant (microseconds), packed; no key is a full bucket
-- Returns  what was missing before the call; if the call does not fit, -1 less that.
--
-- Amounts count 1/period of a token, of which `limit` flow in per microsecond. Every number stays below 2^53, so that
-- doubles are exact; sums are compared as differences.

local missing, at = 0, now
local stored = redis.call("GET", KEYS[1])
if stored then
  missing, at = struct.unpack("<i8i8", stored)
  if now > at then -- a clock that stepped back counts as standing still
    local inflow = (now - at) * limit -- rounded only where it is above 2^53, and so above what is missing
    missing = inflow >= missing and 0 or missing - inflow
    at = now
  end
end

local fits = cost <= burst and missing <= (burst - cost) * period
if fits and cost > 0 and take == 1 then
  local after = missing + cost * period
  local lasts = math.ceil((at - now + after / limit) / 1000) + 1
  redis.call("SET", KEYS[1], struct.pack("<i8i8", after, at), "PX", math.max(lasts, shortest))
end
return fits and missing or -1 - missing
