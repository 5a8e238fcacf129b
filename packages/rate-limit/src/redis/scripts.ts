import { hash } from "node:crypto";

import { ringSize, slices } from "../memory/slices.ts";

/** A script as Redis keeps it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

const script = (source: string): Script => ({ source, sha: hash("sha1", source) });

/**
 * Decides all charges of a request in one step, by the clock of Redis.
 *
 * A key is a hash with a field for each slice that counts. Fields far in the future were counted under another window, before the
 * policy was changed, and are dropped like those of the past. ARGV: limit, window, cost, mode for each key. Returns the time in
 * milliseconds, then for each key: exceeded (0 or 1), what is used afterwards, and the wait in milliseconds, -1 for ever.
 */
export const decideScript = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local looks, allowed = {}, true
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 4
  local look = { limit = tonumber(ARGV[at + 1]), window = tonumber(ARGV[at + 2]), cost = tonumber(ARGV[at + 3]), mode = ARGV[at + 4] }
  look.slice = math.floor(now * ${slices} / look.window)
  look.used, look.counts, look.numbers = 0, {}, {}
  local fields, gone = redis.call('HGETALL', key), {}
  for j = 1, #fields, 2 do
    local slice, count = tonumber(fields[j]), tonumber(fields[j + 1])
    if slice <= look.slice - ${ringSize} or slice > look.slice + ${ringSize} then
      gone[#gone + 1] = fields[j]
    else
      look.used = look.used + count
      look.counts[slice] = count
      look.numbers[#look.numbers + 1] = slice
    end
  end
  if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
  look.exceeded = look.mode ~= 'force' and look.used + look.cost > look.limit
  allowed = allowed and not look.exceeded
  looks[i] = look
end
local reply = { now }
for i, key in ipairs(KEYS) do
  local look = looks[i]
  if allowed and look.cost > 0 and look.mode ~= 'ask' then
    redis.call('HINCRBY', key, string.format('%.0f', look.slice), string.format('%.0f', look.cost))
    redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(look.window * ${ringSize} / ${slices}) + 1000))
    if not look.counts[look.slice] then look.numbers[#look.numbers + 1] = look.slice end
    look.counts[look.slice] = (look.counts[look.slice] or 0) + look.cost
    look.used = look.used + look.cost
  end
  local missing, wait = look.used + look.cost - look.limit, -1
  if look.used == 0 then
    if missing <= 0 then wait = 0 end
  else
    table.sort(look.numbers)
    local left = 0
    for _, slice in ipairs(look.numbers) do
      left = left + look.counts[slice]
      if left >= math.max(1, missing) then
        wait = math.ceil((slice + ${ringSize}) * look.window / ${slices}) - now
        break
      end
    end
  end
  reply[#reply + 1] = look.exceeded and 1 or 0
  reply[#reply + 1] = look.used
  reply[#reply + 1] = wait
end
return reply
`);

/** Takes costs back out of the slices where they were added. ARGV: window, cost, time in milliseconds for each key. */
export const refundScript = script(`
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 3
  local field = string.format('%.0f', math.floor(ARGV[at + 3] * ${slices} / ARGV[at + 1]))
  local count = tonumber(redis.call('HGET', key, field) or '0')
  if count > 0 then redis.call('HINCRBY', key, field, string.format('%.0f', -math.min(count, tonumber(ARGV[at + 2])))) end
end
return 1
`);
