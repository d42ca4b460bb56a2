-- One call of a cache that evicts, atomically.
--
-- KEYS[1]  a hash of entries: weight, deadline (0: never), number, and the value as it was sent; beside them, in fields
--          that no key of the cache can have, the weight of all and the last number
-- KEYS[2]  a sorted set, the next victim first. A member is number and key, so that of equal ranks the order is that of
--          numbers; the rank is free to count as far as doubles do
-- KEYS[3]  a sorted set of keys by deadline; that of what never expires is infinite
-- ARGV[1]  the policy: lru, fifo, lfu or ttl
-- ARGV[2]  the call
-- ARGV[3]  six little-endian 64-bit integers: now (-1 for the server's clock), shortest time to live (ms), capacity,
--          telling (1: what left is returned), weight, and the entry's time to live (0: for ever)
-- ARGV[4]  the key
-- ARGV[5]  the value
-- Returns  the answer, and what left: key, value and reason of each, one after another.
--
-- Instants are microseconds. Numbers stay below 2^53, so that doubles are exact.

local policy, call, key, value = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
local now, shortest, capacity, telling, weight, lasts = struct.unpack("<i8i8i8i8i8i8", ARGV[3])
local entries, order, deadlines = KEYS[1], KEYS[2], KEYS[3]
local LATEST = 2 ^ 53 - 1
if now < 0 then
  local time = redis.call("TIME")
  now = time[1] * 1000000 + time[2]
end

local left = {}

local function find(key)
  local stored = redis.call("HGET", entries, key)
  if stored then
    local weight, deadline, number, begin = struct.unpack("<i8i8i8", stored)
    return { weight = weight, deadline = deadline, number = number, value = string.sub(stored, begin) }
  end
end

local function held()
  return tonumber(redis.call("HGET", entries, "weight") or 0)
end

local function leaves(key, entry, reason)
  if telling == 1 then
    left[#left + 1] = key
    left[#left + 1] = entry.value
    left[#left + 1] = reason
  end
end

local function member(key, number)
  return struct.pack(">i8", number) .. key
end

local function remove(key, reason)
  local entry = find(key)
  redis.call("HDEL", entries, key)
  redis.call("HINCRBY", entries, "weight", -entry.weight)
  redis.call("ZREM", order, member(key, entry.number))
  redis.call("ZREM", deadlines, key)
  leaves(key, entry, reason)
end

local function write(key, entry)
  redis.call("HSET", entries, key, struct.pack("<i8i8i8", entry.weight, entry.deadline, entry.number) .. entry.value)
end

-- Whether an entry that is put again, or hit, gets a new place in the order.
local moves = {
  lru = { put = true, get = true },
  fifo = {},
  lfu = { put = true, get = true },
  ttl = { put = true },
}

-- Into the place that the entry has by now, and into no other. The new one comes first: a sorted set that is empty for
-- a moment loses its time to live.
local function place(key, entry)
  local before = entry.number > 0 and member(key, entry.number)
  if before and not moves[policy][call] then
    return
  end
  local rank = 0
  if policy == "lfu" then
    rank = 1 + (before and redis.call("ZSCORE", order, before) or 0)
  elseif policy == "ttl" then
    rank = entry.deadline > 0 and entry.deadline or "+inf"
  end
  entry.number = redis.call("HINCRBY", entries, "number", 1)
  redis.call("ZADD", order, rank, member(key, entry.number))
  if before then
    redis.call("ZREM", order, before)
  end
end

local function evict(spared)
  local first = redis.call("ZRANGE", order, 0, 1)
  local victim = string.sub(first[1], 9)
  remove(victim ~= spared and victim or string.sub(first[2], 9), "evicted")
end

-- The server forgets the cache once no entry of it is live, or never.
local function expire()
  local last = redis.call("ZRANGE", deadlines, -1, -1, "WITHSCORES")[2]
  if not last then
    redis.call("DEL", entries, order, deadlines)
    return
  end
  for _, name in ipairs(KEYS) do
    if last == "inf" then
      redis.call("PERSIST", name)
    else
      redis.call("PEXPIRE", name, math.max(math.ceil((last - now) / 1000) + 1, shortest))
    end
  end
end

local calls = {}

function calls.put()
  local old = find(key)
  if weight > capacity then
    if old then
      remove(key, "replaced")
    end
    return 0
  end
  if old then
    leaves(key, old, "replaced")
  end
  local deadline = lasts > 0 and math.min(now + lasts, LATEST) or 0
  local entry = { weight = weight, deadline = deadline, number = old and old.number or 0, value = value }
  place(key, entry)
  write(key, entry)
  redis.call("ZADD", deadlines, deadline > 0 and deadline or "+inf", key)
  redis.call("HINCRBY", entries, "weight", weight - (old and old.weight or 0))
  while held() > capacity do
    evict(key)
  end
  return 1
end

function calls.get()
  local entry = find(key)
  if not entry then
    return false
  end
  if moves[policy].get then
    place(key, entry)
    write(key, entry)
  end
  return entry.value
end

function calls.peek()
  local entry = find(key)
  return entry and entry.value or false
end

function calls.contains()
  return redis.call("HEXISTS", entries, key)
end

function calls.delete()
  local there = redis.call("HEXISTS", entries, key)
  if there == 1 then
    remove(key, "deleted")
  end
  return there
end

function calls.clear()
  for _, key in ipairs(telling == 1 and redis.call("ZRANGE", deadlines, 0, -1) or {}) do
    leaves(key, find(key), "cleared")
  end
  redis.call("DEL", entries, order, deadlines)
  return 0
end

function calls.keys()
  return redis.call("ZRANGE", deadlines, 0, -1)
end

function calls.len()
  return redis.call("ZCARD", deadlines)
end

calls.weight = held

-- A server that is short of memory drops keys one by one. What is left of a cache then is of no use.
local count = redis.call("ZCARD", deadlines)
if redis.call("ZCARD", order) ~= count or redis.call("HLEN", entries) ~= (count > 0 and count + 2 or 0) then
  redis.call("DEL", entries, order, deadlines)
end

local over = redis.call("ZRANGEBYSCORE", deadlines, "-inf", now)
for _, key in ipairs(over) do
  remove(key, "expired")
end
local answer = calls[call]()
if call == "put" or call == "delete" or #over > 0 then
  expire()
end
return { answer, left }
