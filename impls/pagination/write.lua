-- Rows and their members in every index, all at once, if the rows are still as they were read.
-- KEYS: the hash of rows, the indexes. ARGV, for each row: its name, what was read, what is to be ("" for nothing);
-- then for each index the member that goes and the one that comes.
local step = 3 + 2 * (#KEYS - 1)
for at = 1, #ARGV, step do
  if (redis.call("HGET", KEYS[1], ARGV[at]) or "") ~= ARGV[at + 1] then
    return 0
  end
end
for at = 1, #ARGV, step do
  if ARGV[at + 2] == "" then
    redis.call("HDEL", KEYS[1], ARGV[at])
  else
    redis.call("HSET", KEYS[1], ARGV[at], ARGV[at + 2])
  end
  for index = 2, #KEYS do
    local gone, come = ARGV[at + 2 * index - 1], ARGV[at + 2 * index]
    if gone ~= "" then
      redis.call("ZREM", KEYS[index], gone)
    end
    if come ~= "" then
      redis.call("ZADD", KEYS[index], 0, come)
    end
  end
end
return 1
