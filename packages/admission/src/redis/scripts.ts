import { redisScript } from "@aivillage/middleware";

/**
 * Keys: first the sorted set of processes by the end of their lease, then a hash for each cap. In a hash, `h` and a process is how many slots
 * it holds; `w` and a process is since when it wants one, and when it asked last.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local alive, me = KEYS[1], ARGV[1]
local lease = tonumber(ARGV[2])
redis.call('ZADD', alive, now + lease, me)
redis.call('PEXPIRE', alive, 2 * lease)
redis.call('ZREMRANGEBYSCORE', alive, '-inf', now)
`;

/**
 * Takes a slot of each cap, or of none.
 *
 * What dead processes hold is dropped. Processes that want a slot of a full cap take turns: one that came later gets no slot before them.
 * ARGV: process, lease, how long a wish lasts, then the size of each cap. Returns 0, or which cap is full.
 */
export const acquireScript = redisScript(`${prelude}
for i = 2, #KEYS do
  local fields = redis.call('HGETALL', KEYS[i])
  local held, mine, wishes = 0, now, {}
  for j = 1, #fields, 2 do
    local process = string.sub(fields[j], 2)
    if string.sub(fields[j], 1, 1) == 'h' then
      if redis.call('ZSCORE', alive, process) then held = held + tonumber(fields[j + 1])
      else redis.call('HDEL', KEYS[i], fields[j]) end
    else
      local since, last = string.match(fields[j + 1], '^(%d+) (%d+)$')
      if not since or now - tonumber(last) > tonumber(ARGV[3]) then redis.call('HDEL', KEYS[i], fields[j])
      elseif process == me then mine = tonumber(since)
      else wishes[#wishes + 1] = tonumber(since) end
    end
  end
  local ahead = 0
  for _, since in ipairs(wishes) do if since < mine then ahead = ahead + 1 end end
  if held + ahead >= tonumber(ARGV[2 + i]) then
    redis.call('HSET', KEYS[i], 'w' .. me, string.format('%.0f %.0f', mine, now))
    redis.call('PEXPIRE', KEYS[i], 2 * lease)
    return i - 1
  end
end
for i = 2, #KEYS do
  redis.call('HINCRBY', KEYS[i], 'h' .. me, 1)
  redis.call('HDEL', KEYS[i], 'w' .. me)
  redis.call('PEXPIRE', KEYS[i], 2 * lease)
end
return 0
`);

/** Gives back a slot of each cap. ARGV: process, lease. */
export const releaseScript = redisScript(`${prelude}
for i = 2, #KEYS do
  if redis.call('HINCRBY', KEYS[i], 'h' .. me, -1) <= 0 then redis.call('HDEL', KEYS[i], 'h' .. me) end
end
return 0
`);

/**
 * Keeps what a process holds, and restores it where it was taken for dead. ARGV: process, lease, then for each cap how many slots it holds,
 * and whether that replaces what is there.
 */
export const renewScript = redisScript(`${prelude}
for i = 2, #KEYS do
  local held, replaces = tonumber(ARGV[2 * i - 1]), ARGV[2 * i] == '1'
  if replaces or redis.call('HEXISTS', KEYS[i], 'h' .. me) == 0 then
    if held > 0 then redis.call('HSET', KEYS[i], 'h' .. me, held) else redis.call('HDEL', KEYS[i], 'h' .. me) end
  end
  redis.call('PEXPIRE', KEYS[i], 2 * lease)
end
return 0
`);
