-- The rows of an index from a rank on, and how many there are in all, at one instant.
-- KEYS: the hash of rows, the index. ARGV: the rank, how many rows.
-- The last eight bytes of a member are the name of its row.
local rows, index, first = KEYS[1], KEYS[2], tonumber(ARGV[1])
local total = redis.call("ZCARD", index)
local answer = { total }
if first < total then
  for _, member in ipairs(redis.call("ZRANGE", index, first, first + ARGV[2] - 1)) do
    answer[#answer + 1] = redis.call("HGET", rows, string.sub(member, -8))
  end
end
return answer
