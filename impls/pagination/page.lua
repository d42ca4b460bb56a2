-- One page of an index, its rows, and whether there is anything on the other side, at one instant.
-- KEYS: the hash of rows, the index. ARGV: the place ("" for an end), how many rows, "1" to read backward.
-- The last eight bytes of a member are the name of its row.
local rows, index = KEYS[1], KEYS[2]
local place, count, backward = ARGV[1], tonumber(ARGV[2]), ARGV[3] == "1"

local function after(from, many, reverse)
  if reverse then
    return redis.call("ZRANGE", index, from, "-", "BYLEX", "REV", "LIMIT", 0, many)
  end
  return redis.call("ZRANGE", index, from, "+", "BYLEX", "LIMIT", 0, many)
end

local ahead, behind = place, place
if place == "" then
  ahead = backward and "+" or "-"
elseif backward then
  -- What "[x" keeps on one side, "(x" keeps on the other.
  ahead = (string.sub(place, 1, 1) == "[" and "(" or "[") .. string.sub(place, 2)
else
  behind = (string.sub(place, 1, 1) == "[" and "(" or "[") .. string.sub(place, 2)
end

local found = after(ahead, count + 1, backward)
local answer = { place ~= "" and #after(behind, 1, not backward) or 0, #found > count and 1 or 0 }
for at = 1, math.min(count, #found) do
  answer[#answer + 1] = redis.call("HGET", rows, string.sub(found[at], -8))
end
return answer
