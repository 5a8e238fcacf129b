import { script } from "./scripts.ts";

/*
 * The penalties are one hash. A field `k:<client>` has the end by the clock of Redis, the whole length in milliseconds and the reason;
 * the field `version` has the time of the last change in microseconds.
 */

/** ARGV: client, remaining and whole length in milliseconds, reason. */
export const writePenaltyScript = script(`
local time = redis.call('TIME')
local ends = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
ask('HSET', KEYS[1], 'k:' .. ARGV[1], string.format('%.0f', ends) .. ' ' .. ARGV[3] .. ' ' .. ARGV[4], 'version', time[1] .. '.' .. time[2])
local lasts = math.ceil(ARGV[2] + ARGV[3]) + 1000
if redis.call('PTTL', KEYS[1]) < lasts then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', lasts)) end
return 1
`);

/** ARGV: client. Returns 1 when its penalty had not ended yet, else 0. */
export const removePenaltyScript = script(`
local value = ask('HGET', KEYS[1], 'k:' .. ARGV[1])
if not value then return 0 end
local time = redis.call('TIME')
redis.call('HDEL', KEYS[1], 'k:' .. ARGV[1])
redis.call('HSET', KEYS[1], 'version', time[1] .. '.' .. time[2])
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return tonumber(string.match(value, '^(%d+) ') or '0') > now and 1 or 0
`);

/** Reads a field of the hash and its value: client, end and length, or nothing for what is no penalty. */
const readPenalty = `
local function readPenalty(field, value)
  local ends, length = string.match(value, '^(%d+) (%d+) ')
  if not ends or string.sub(field, 1, 2) ~= 'k:' then return end
  ends, length = whole(ends), whole(length)
  if ends and length then return string.sub(field, 3), ends, length end
end
`;

/**
 * ARGV: the version that is known, and the longest penalty in milliseconds, to which longer ones are cut. Returns nothing when it is still
 * that version, else version, time, the number of entries that were repaired, and pairs of client and value.
 */
export const readPenaltiesScript = script(`${readPenalty}
local version = ask('HGET', KEYS[1], 'version') or ''
if version == ARGV[1] and repaired == 0 then return {} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local longest = tonumber(ARGV[2])
local reply, fields = { version, string.format('%.0f', now), 0 }, redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local field, value = fields[i], fields[i + 1]
  local client, ends, length = readPenalty(field, value)
  if client and (length > longest or ends - now > longest) then
    ends, length = math.min(ends, now + longest), math.min(length, longest)
    value = string.format('%.0f %.0f', ends, length) .. string.match(value, '^%d+ %d+( .*)')
    redis.call('HSET', KEYS[1], field, value)
    repaired = repaired + 1
  end
  if client and ends + length >= now then
    reply[#reply + 1] = client
    reply[#reply + 1] = value
  elseif field ~= 'version' then
    redis.call('HDEL', KEYS[1], field)
    if not client then repaired = repaired + 1 end
  end
end
reply[3] = repaired
return reply
`);

/** ARGV: cursor. Returns the next cursor, time, and pairs of client and value of about a thousand penalties that have not ended. */
export const penaltyPageScript = script(`${readPenalty}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local page = ask('HSCAN', KEYS[1], ARGV[1], 'COUNT', 1000)
local reply, fields = { page[1], string.format('%.0f', now) }, page[2]
for i = 1, #fields, 2 do
  local client, ends = readPenalty(fields[i], fields[i + 1])
  if client and ends > now then
    reply[#reply + 1] = client
    reply[#reply + 1] = fields[i + 1]
  end
end
return reply
`);
