import { script } from "./scripts.ts";

/*
 * The penalties are one hash. A field `k:<client>` has the end by the clock of Redis, the whole length in milliseconds and the reason;
 * the field `version` has the time of the last change in microseconds.
 */

/** ARGV: client, remaining and whole length in milliseconds, reason. */
export const writePenaltyScript = script(`
local time = redis.call('TIME')
local ends = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
redis.call('HSET', KEYS[1], 'k:' .. ARGV[1], string.format('%.0f', ends) .. ' ' .. ARGV[3] .. ' ' .. ARGV[4], 'version', time[1] .. '.' .. time[2])
local lasts = math.ceil(ARGV[2] + ARGV[3]) + 1000
if redis.call('PTTL', KEYS[1]) < lasts then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', lasts)) end
return 1
`);

/** ARGV: client. Returns 1 when its penalty had not ended yet, else 0. */
export const removePenaltyScript = script(`
local value = redis.call('HGET', KEYS[1], 'k:' .. ARGV[1])
if not value then return 0 end
local time = redis.call('TIME')
redis.call('HDEL', KEYS[1], 'k:' .. ARGV[1])
redis.call('HSET', KEYS[1], 'version', time[1] .. '.' .. time[2])
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return tonumber(string.match(value, '^(%d+) ')) > now and 1 or 0
`);

/** ARGV: the version that is known. Returns nothing when it is still that one, else version, time, and pairs of client and value. */
export const readPenaltiesScript = script(`
local version = redis.call('HGET', KEYS[1], 'version') or ''
if version == ARGV[1] then return {} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local reply, fields = { version, string.format('%.0f', now) }, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  if fields[i] ~= 'version' then
    local ends, length = string.match(fields[i + 1], '^(%d+) (%d+) ')
    if ends + length < now then
      redis.call('HDEL', KEYS[1], fields[i])
    else
      reply[#reply + 1] = string.sub(fields[i], 3)
      reply[#reply + 1] = fields[i + 1]
    end
  end
end
return reply
`);

/** ARGV: cursor. Returns the next cursor, time, and pairs of client and value of about a thousand penalties that have not ended. */
export const penaltyPageScript = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', 1000)
local reply, fields = { page[1], string.format('%.0f', now) }, page[2]
for i = 1, #fields, 2 do
  if fields[i] ~= 'version' and tonumber(string.match(fields[i + 1], '^(%d+) ')) > now then
    reply[#reply + 1] = string.sub(fields[i], 3)
    reply[#reply + 1] = fields[i + 1]
  end
end
return reply
`);
