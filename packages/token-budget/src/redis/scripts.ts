import { redisScript } from "@aivillage/middleware";

import { expiredKeptMs, keptAfterPeriodMs, settledKeptMs } from "../store.ts";

/*
 * An account is a hash and a sorted set. The hash has `spent`, `held`, `granted`, `limit`, the account itself (`budget`, `key`, `start`,
 * `end`), and a field `l:<call>` for each call: `L <amount> <used>` while it runs, `X <charged>` after its lease has ended, `S` once it is
 * settled. The sorted set says by the clock of Redis until when each of these fields counts. It means the same as `AccountLedger`.
 *
 * KEYS: hash and sorted set of each account.
 */
const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end

local function read(hash, call)
  local fields = redis.call('HMGET', hash, 'spent', 'held', 'granted', 'limit', 'l:' .. call)
  local account = { spent = tonumber(fields[1] or 0), held = tonumber(fields[2] or 0), granted = tonumber(fields[3] or 0) }
  account.limit, account.before = tonumber(fields[4] or 0), tonumber(fields[1] or 0)
  return account, fields[5]
end

local function lease(field)
  local amount, used = string.match(field or '', '^L (%d+) (%d+)$')
  if amount then return tonumber(amount), tonumber(used) end
end

local function charged(field)
  return tonumber(string.match(field or '', '^X (%d+)$'))
end

-- Ends the leases that are over, and forgets calls that were settled long ago.
local function sweep(hash, set, account)
  local due = redis.call('ZRANGEBYSCORE', set, '-inf', text(now), 'LIMIT', 0, 1000)
  for _, call in ipairs(due) do
    local amount, used = lease(redis.call('HGET', hash, 'l:' .. call))
    if amount then
      account.held, account.spent = account.held - amount, account.spent + used
      redis.call('HSET', hash, 'l:' .. call, 'X ' .. text(used))
      redis.call('ZADD', set, text(now + ${expiredKeptMs}), call)
    else
      redis.call('HDEL', hash, 'l:' .. call)
      redis.call('ZREM', set, call)
    end
  end
  if #due > 0 then redis.call('HSET', hash, 'spent', text(account.spent), 'held', text(account.held)) end
  return #due == 1000 and sweep(hash, set, account)
end

local function reply(all, account)
  for _, name in ipairs({ 'limit', 'spent', 'held', 'granted', 'before' }) do all[#all + 1] = text(account[name]) end
end

local function keep(hash, set, ends)
  local untilMs = text(math.max(tonumber(ends), now) + ${keptAfterPeriodMs})
  redis.call('PEXPIREAT', hash, untilMs)
  redis.call('PEXPIREAT', set, untilMs)
end
`;

/** ARGV: call, lease in milliseconds, and for each account: budget, key, start, end, limit, amount, used. */
export const holdScript = redisScript(`${prelude}
local call, untilMs, allowed, accounts = ARGV[1], now + ARGV[2], true, {}
for i = 1, #KEYS, 2 do
  local hash, set, at = KEYS[i], KEYS[i + 1], 2 + (i - 1) / 2 * 7
  local account = read(hash, call)
  sweep(hash, set, account)
  local field = redis.call('HGET', hash, 'l:' .. call)
  account.limit, account.amount, account.used = tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6]), ARGV[at + 7]
  account.had, account.charged = lease(field), charged(field)
  local before = account.had or account.charged
  local fits = account.spent + account.held - (before or 0) + account.amount <= account.limit + account.granted
  if field == 'S' or not (fits or (before and account.amount <= before)) then allowed = false end
  accounts[#accounts + 1] = account
end
local all = { allowed and 1 or 0 }
for i = 1, #KEYS, 2 do
  local hash, set, at, account = KEYS[i], KEYS[i + 1], 2 + (i - 1) / 2 * 7, accounts[(i + 1) / 2]
  if account.charged then
    account.had = math.min(account.charged, account.spent)
    account.spent, account.held = account.spent - account.had, account.held + account.had
  end
  local amount = allowed and account.amount or account.had
  if amount then
    account.held = account.held + amount - (account.had or 0)
    redis.call('HSET', hash, 'l:' .. call, 'L ' .. text(amount) .. ' ' .. account.used)
    redis.call('ZADD', set, text(untilMs), call)
    redis.call('HSET', hash, 'spent', text(account.spent), 'held', text(account.held), 'limit', text(account.limit),
      'budget', ARGV[at + 1], 'key', ARGV[at + 2], 'start', ARGV[at + 3], 'end', ARGV[at + 4])
    keep(hash, set, ARGV[at + 4])
  end
  reply(all, account)
end
return all
`);

/** ARGV: call, what an unknown call means (`charge` or `skip`), and for each account: budget, key, start, end, used. */
export const settleScript = redisScript(`${prelude}
local call, all = ARGV[1], {}
for i = 1, #KEYS, 2 do
  local hash, set, at = KEYS[i], KEYS[i + 1], 2 + (i - 1) / 2 * 5
  local account = read(hash, call)
  sweep(hash, set, account)
  local field = redis.call('HGET', hash, 'l:' .. call)
  if field ~= 'S' and (field or ARGV[2] == 'charge') then
    account.held = account.held - (lease(field) or 0)
    account.spent = math.max(0, account.spent - (charged(field) or 0) + tonumber(ARGV[at + 5]))
    redis.call('HSET', hash, 'l:' .. call, 'S', 'spent', text(account.spent), 'held', text(account.held),
      'budget', ARGV[at + 1], 'key', ARGV[at + 2], 'start', ARGV[at + 3], 'end', ARGV[at + 4])
    redis.call('ZADD', set, text(now + ${settledKeptMs}), call)
    keep(hash, set, ARGV[at + 4])
  end
  reply(all, account)
end
return all
`);

/** Reads accounts. */
export const readScript = redisScript(`${prelude}
local all = {}
for i = 1, #KEYS, 2 do
  local account = read(KEYS[i], '')
  sweep(KEYS[i], KEYS[i + 1], account)
  reply(all, account)
end
return all
`);

/** Changes one account. ARGV: `grant` or `reset`, amount, budget, key, start, end. */
export const changeScript = redisScript(`${prelude}
local hash, set, all = KEYS[1], KEYS[2], {}
local account = read(hash, '')
sweep(hash, set, account)
if ARGV[1] == 'grant' then account.granted = account.granted + ARGV[2] else
  account.spent, account.granted = 0, 0
  for _, call in ipairs(redis.call('ZRANGE', set, 0, -1)) do
    if charged(redis.call('HGET', hash, 'l:' .. call)) then
      redis.call('HDEL', hash, 'l:' .. call)
      redis.call('ZREM', set, call)
    end
  end
end
redis.call('HSET', hash, 'spent', text(account.spent), 'held', text(account.held), 'granted', text(account.granted),
  'budget', ARGV[3], 'key', ARGV[4], 'start', ARGV[5], 'end', ARGV[6])
keep(hash, set, ARGV[6])
reply(all, account)
return all
`);
