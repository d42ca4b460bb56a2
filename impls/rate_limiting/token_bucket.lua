-- One decision of a token bucket, atomically.
--
-- KEYS[1]  the bucket: "missing:at", what was missing at the instant `at` (microseconds); no key is a full bucket
-- ARGV     limit, period, burst, cost, take (1 or 0), now ("" for the server's clock), shortest time to live (ms)
-- Returns  what was missing before the call, and whether the call fits.
--
-- Amounts count 1/period of a token, of which `limit` flow in per microsecond. Every number stays below 2^53, so that
-- doubles are exact; sums are compared as differences.

local limit, period, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local now = clock(ARGV[6])

local missing, at = 0, now
local stored = redis.call("GET", KEYS[1])
if stored then
  local before, since = stored:match("^(%d+):(%d+)$")
  missing, at = tonumber(before), tonumber(since)
  if now > at then -- a clock that stepped back counts as standing still
    local inflow = (now - at) * limit -- rounded only where it is above 2^53, and so above what is missing
    missing = inflow >= missing and 0 or missing - inflow
    at = now
  end
end

local fits = cost <= burst and missing <= (burst - cost) * period
if fits and cost > 0 and ARGV[5] == "1" then
  local after = missing + cost * period
  local lasts = math.ceil((at - now + after / limit) / 1000) + 1
  redis.call("SET", KEYS[1], string.format("%.0f:%.0f", after, at), "PX", math.max(lasts, tonumber(ARGV[7])))
end
return { missing, fits and 1 or 0 }
