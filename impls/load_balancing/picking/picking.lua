-- One call of a balancer, atomically.
--
-- KEYS[1]  a hash. In "state", as MessagePack: the members in their order, and the latest ticket. Beside it, for each
--          ticket in flight, the name of its member
-- ARGV[1]  the policy
-- ARGV[2]  the members at first: a JSON array of [name, weight, limit], where a limit of 0 is none
-- ARGV[3]  for how many milliseconds the balancer is kept after a call
-- ARGV[4]  the call
-- ARGV[5]  the name of a member
-- ARGV[6]  a number: a ticket, or 1 for true
-- ARGV[7]  the new members, as those at first
-- Returns  a name and a number; or nothing, where there is no such member, or none to pick.

local balancer = KEYS[1]
local policy, first, lasts, call, name, number, backends = unpack(ARGV)
local stored = redis.call("HGET", balancer, "state")
local state = stored and cmsgpack.unpack(stored)

local function save()
  redis.call("HSET", balancer, "state", cmsgpack.pack(state))
end

local function find(name)
  for _, member in ipairs(state.members) do
    if member.name == name then
      return member
    end
  end
end

-- Those become the members. Who was one before stays as it is. Returns who left, by name.
local function give(backends)
  local before = {}
  for _, member in ipairs(state.members) do
    before[member.name] = member
  end
  state.members = {}
  for at, backend in ipairs(cjson.decode(backends)) do
    local name, weight, limit = unpack(backend)
    local member = before[name] or { name = name, up = true, draining = false, in_flight = 0, latest = 0, credit = 0 }
    member.weight, member.limit = weight, limit
    state.members[at], before[name] = member, nil
  end
  return before
end

local function eligible(member)
  return member.weight > 0
    and member.up
    and not member.draining
    and (member.limit == 0 or member.in_flight < member.limit)
end

-- Where in the order the one stands that was picked last.
local function turn()
  local at, latest = 0, 0
  for here, member in ipairs(state.members) do
    if member.latest > latest then
      at, latest = here, member.latest
    end
  end
  return at
end

-- The lowest rank is picked; of equals, who was picked longest ago.
local ranks = {}

function ranks.round_robin(member, at, turn)
  return (at - turn - 1) % #state.members
end

function ranks.smooth(member)
  return -(member.credit + member.weight)
end

function ranks.least_connections(member)
  return member.in_flight
end

-- Doubles: two fractions that differ do so here too, while weight times number in flight is below 2^52.
function ranks.weighted_least_connections(member)
  return member.in_flight / member.weight
end

local calls = {}

function calls.pick()
  local best, least
  local turn = turn()
  for at, member in ipairs(state.members) do
    if eligible(member) then
      local rank = ranks[policy](member, at, turn)
      if not best or rank < least or (rank == least and member.latest < best.latest) then
        best, least = member, rank
      end
    end
  end
  if not best then
    return false
  end
  if policy == "smooth" then -- each earns its weight, and who is picked pays what all have earned
    for _, member in ipairs(state.members) do
      if eligible(member) then
        member.credit = member.credit + member.weight
        best.credit = best.credit - member.weight
      end
    end
  end
  state.ticket = state.ticket + 1
  best.latest = state.ticket
  best.in_flight = best.in_flight + 1
  redis.call("HSET", balancer, string.format("%.0f", state.ticket), best.name)
  save()
  return { best.name, state.ticket }
end

function calls.done()
  local member = find(redis.call("HGET", balancer, number))
  if member then
    redis.call("HDEL", balancer, number)
    member.in_flight = member.in_flight - 1
    save()
  end
  return false
end

function calls.set_backends()
  local gone = give(backends)
  if next(gone) then
    local fields = redis.call("HGETALL", balancer)
    for at = 1, #fields, 2 do
      if gone[fields[at + 1]] then
        redis.call("HDEL", balancer, fields[at])
      end
    end
  end
  save()
  return false
end

local function set(what)
  local member = find(name)
  if not member then
    return false
  end
  member[what] = number == "1"
  save()
  return { name, 0 }
end

function calls.set_health()
  return set("up")
end

function calls.set_draining()
  return set("draining")
end

function calls.in_flight()
  local member = find(name)
  return member and { name, member.in_flight }
end

function calls.drained()
  local member = find(name)
  return member and { name, member.draining and member.in_flight == 0 and 1 or 0 }
end

if not state then
  -- Tickets begin with the time, so that those of a balancer which was forgotten are not given out again.
  local time = redis.call("TIME")
  state = { members = {}, ticket = time[1] * 1000000 + time[2] }
  give(first)
end
local answer = calls[call]()
redis.call("PEXPIRE", balancer, lasts)
return answer
