// What is done in one step on the server, whose clock is the only one: https://redis.io/docs/latest/develop/programmability/eval-intro
// Times are whole milliseconds; a window is one longer than it need be, since what is cut off could have been one, too.

const clock = `local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * KEYS: starts, tokens, facts, queue, seen. ARGV: id, tokens, requests or -1, tokens a window or -1, window, longest rest.
 * Gives 0 where the request has started, else the milliseconds until it is to ask again.
 */
export const takeScript = `${clock}
local starts, tokens, facts, queue, seen = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id, need = ARGV[1], tonumber(ARGV[2])
local requests, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local window, longest = tonumber(ARGV[5]), tonumber(ARGV[6])
local sum = tonumber(redis.call("HGET", facts, "sum") or "0")
for _, old in ipairs(redis.call("ZRANGEBYSCORE", starts, "-inf", now - window - 1)) do
  sum = sum - tonumber(redis.call("HGET", tokens, old) or "0")
  redis.call("HDEL", tokens, old)
  redis.call("ZREM", starts, old)
end
redis.call("HSET", facts, "sum", sum)
-- Whoever has not asked for a while is gone: its process has ended.
for _, gone in ipairs(redis.call("ZRANGEBYSCORE", seen, "-inf", now - 3 * longest)) do
  redis.call("ZREM", seen, gone)
  redis.call("ZREM", queue, gone)
  redis.call("HDEL", facts, gone)
end
if not redis.call("ZSCORE", queue, id) then
  redis.call("ZADD", queue, redis.call("HINCRBY", facts, "turn", 1), id)
end
redis.call("ZADD", seen, now, id)
redis.call("HSET", facts, id, need)
for _, key in ipairs(KEYS) do redis.call("PEXPIRE", key, 2 * window) end
local rank = redis.call("ZRANK", queue, id)
local first = redis.call("ZRANGE", queue, 0, 0)[1]
local wanted = tonumber(redis.call("HGET", facts, first) or "0")
local at = tonumber(redis.call("HGET", facts, "pause") or "0")
if requests >= 0 then
  local count = redis.call("ZCARD", starts)
  if count >= requests then
    local blocking = redis.call("ZRANGE", starts, count - requests, count - requests, "WITHSCORES")
    at = math.max(at, tonumber(blocking[2]) + window + 1)
  end
end
if most >= 0 and sum + wanted > most then
  local left, index = sum, 0
  while left > most - wanted do
    local oldest = redis.call("ZRANGE", starts, index, index, "WITHSCORES")
    if not oldest[1] then break end
    left = left - tonumber(redis.call("HGET", tokens, oldest[1]) or "0")
    at = math.max(at, tonumber(oldest[2]) + window + 1)
    index = index + 1
  end
end
if rank == 0 and at <= now then
  redis.call("ZREM", queue, id)
  redis.call("ZREM", seen, id)
  redis.call("HDEL", facts, id)
  if requests >= 0 or most >= 0 then
    redis.call("ZADD", starts, now, id)
    redis.call("HSET", tokens, id, need)
    redis.call("HSET", facts, "sum", sum + need)
  end
  return 0
end
return math.min(longest, math.max(1, at - now) + 5 * rank)
`;

/** KEYS: tokens, facts. ARGV: id, tokens. Corrects what a request has used. */
export const correctScript = `local old = redis.call("HGET", KEYS[1], ARGV[1])
if old then
  redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
  redis.call("HINCRBY", KEYS[2], "sum", tonumber(ARGV[2]) - tonumber(old))
end
return 0
`;

/** KEYS: facts, queue, seen. ARGV: id. Leaves the queue. */
export const cancelScript = `redis.call("HDEL", KEYS[1], ARGV[1])
redis.call("ZREM", KEYS[2], ARGV[1])
redis.call("ZREM", KEYS[3], ARGV[1])
return 0
`;

/** KEYS: facts. ARGV: milliseconds, window. Nobody starts for so long. */
export const pauseScript = `${clock}
local till = now + math.ceil(tonumber(ARGV[1]))
if till > tonumber(redis.call("HGET", KEYS[1], "pause") or "0") then redis.call("HSET", KEYS[1], "pause", till) end
redis.call("PEXPIRE", KEYS[1], math.max(2 * tonumber(ARGV[2]), till - now))
return 0
`;

// The books of a purse: what lasts a span only is begun anew with the next one, whoever comes first.
const purse = `${clock}
local books, open = KEYS[1], KEYS[2]
local span = tonumber(ARGV[1])
local names = { "nanos", "tokens", "requests" }
if span > 0 then
  local current = string.format("%.0f", math.floor(now / span))
  if redis.call("HGET", books, "span") ~= current then
    redis.call("DEL", books, open)
    redis.call("HSET", books, "span", current)
  end
end
local function keep()
  if span <= 0 then return end
  local till = (math.floor(now / span) + 1) * span + 1000
  for _, key in ipairs(KEYS) do redis.call("PEXPIREAT", key, string.format("%.0f", till)) end
end
local function state(fits)
  local told = { fits }
  for _, kind in ipairs({ "spent:", "reserved:" }) do
    for _, name in ipairs(names) do table.insert(told, redis.call("HGET", books, kind .. name) or "0") end
  end
  return told
end
`;

/** KEYS: books, open. ARGV: span, id, the three amounts, the three limits or "". Gives whether it fits, and the books. */
export const reserveScript = `${purse}
local id = ARGV[2]
if redis.call("HEXISTS", open, id) == 1 then return state("1") end
for index, name in ipairs(names) do
  local limit = tonumber(ARGV[5 + index])
  if limit then
    local spent = tonumber(redis.call("HGET", books, "spent:" .. name) or "0")
    local reserved = tonumber(redis.call("HGET", books, "reserved:" .. name) or "0")
    if spent + reserved + tonumber(ARGV[2 + index]) > limit then return state("0") end
  end
end
for index, name in ipairs(names) do redis.call("HINCRBY", books, "reserved:" .. name, ARGV[2 + index]) end
redis.call("HSET", open, id, ARGV[3] .. " " .. ARGV[4] .. " " .. ARGV[5])
keep()
return state("1")
`;

/** KEYS: books, open. ARGV: span, id, the three amounts that were used. Gives the books. */
export const settleScript = `${purse}
local id = ARGV[2]
local worst = redis.call("HGET", open, id)
if worst then
  redis.call("HDEL", open, id)
  local index = 1
  for amount in string.gmatch(worst, "%d+") do
    redis.call("HINCRBY", books, "reserved:" .. names[index], "-" .. amount)
    redis.call("HINCRBY", books, "spent:" .. names[index], ARGV[2 + index])
    index = index + 1
  end
  keep()
end
return state("1")
`;

/** KEYS: books, open. ARGV: span. Gives the books. */
export const stateScript = `${purse}
keep()
return state("1")
`;
