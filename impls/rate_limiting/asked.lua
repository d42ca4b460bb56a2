-- Comes before every script here: what is asked, and the time.
--
-- ARGV[1]  eight little-endian 64-bit integers: limit, period, burst (0 for windows), shortest time to live (ms),
--          variant of the algorithm, cost, take (1 or 0), now (-1 for the server's clock). Packed, they take half the
--          time on both sides that eight arguments would.

local limit, period, burst, shortest, variant, cost, take, now = struct.unpack("<i8i8i8i8i8i8i8i8", ARGV[1])
if now < 0 then
  local time = redis.call("TIME")
  now = time[1] * 1000000 + time[2]
end
