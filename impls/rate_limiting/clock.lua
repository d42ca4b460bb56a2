-- Comes before every script here: the time that was sent along, or the server's own, in microseconds.
local function clock(sent)
  local now = tonumber(sent)
  if not now then
    local time = redis.call("TIME")
    now = time[1] * 1000000 + time[2]
  end
  return now
end
