import { type RedisScript, redisScript } from "@aivillage/middleware";

import { slices } from "../memory/slices.ts";
import { entriesPrelude, mostFields } from "./entries.ts";

export function script(text: string): RedisScript {
  return redisScript(entriesPrelude + text);
}

/**
 * Decides all charges of a request in one step, by the clock of Redis.
 *
 * A key is a hash with a field for each slice of time that counts, named by its end in milliseconds, so that it can be read with any
 * window: it counts until a window after its end. What seems to end later than the current slice was counted under a longer window,
 * or before the clock went back, and is moved to the current slice. ARGV: limit, window, cost, mode for each key. Returns the time
 * in milliseconds, then for each key: exceeded (0 or 1), what is used afterwards, and the wait in milliseconds, -1 for ever; at the end
 * how many entries were repaired.
 */
export const decideScript = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end
local looks, allowed = {}, true
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 4
  local look = { limit = tonumber(ARGV[at + 1]), window = tonumber(ARGV[at + 2]), cost = tonumber(ARGV[at + 3]), mode = ARGV[at + 4] }
  look.current = math.ceil((math.floor(now * ${slices} / look.window) + 1) * look.window / ${slices})
  look.used, look.counts, look.ends = 0, {}, {}
  local fields, gone, moved = ask('HGETALL', key), {}, 0
  if #fields > ${2 * mostFields} then
    redis.call('DEL', key)
    repaired, fields = repaired + 1, {}
  end
  look.isNew = #fields == 0
  for j = 1, #fields, 2 do
    local ends, count = whole(fields[j]), whole(fields[j + 1])
    if not (ends and count) then
      gone[#gone + 1] = fields[j]
      repaired = repaired + 1
    elseif ends + look.window <= now then
      gone[#gone + 1] = fields[j]
    else
      look.used = look.used + count
      if ends > look.current then
        gone[#gone + 1] = fields[j]
        moved = moved + count
        ends = look.current
      end
      if not look.counts[ends] then look.ends[#look.ends + 1] = ends end
      look.counts[ends] = (look.counts[ends] or 0) + count
    end
  end
  if moved > 0 then redis.call('HINCRBY', key, text(look.current), text(moved)) end
  if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
  look.exceeded = look.mode ~= 'force' and look.used + look.cost > look.limit
  allowed = allowed and not look.exceeded
  looks[i] = look
end
local reply = { now }
for i, key in ipairs(KEYS) do
  local look = looks[i]
  if allowed and look.cost > 0 and look.mode ~= 'ask' then
    redis.call('HINCRBY', key, text(look.current), text(look.cost))
    if not look.counts[look.current] then look.ends[#look.ends + 1] = look.current end
    look.counts[look.current] = (look.counts[look.current] or 0) + look.cost
    look.used = look.used + look.cost
  end
  if look.used > 0 then
    local lasts = look.current - now + look.window + 1000
    if look.isNew or redis.call('PTTL', key) < lasts then redis.call('PEXPIRE', key, text(lasts)) end
  end
  local missing, wait = look.used + look.cost - look.limit, -1
  if look.used == 0 then
    if missing <= 0 then wait = 0 end
  else
    table.sort(look.ends)
    local left = 0
    for _, ends in ipairs(look.ends) do
      left = left + look.counts[ends]
      if left >= math.max(1, missing) then
        wait = ends + look.window - now
        break
      end
    end
  end
  reply[#reply + 1] = look.exceeded and 1 or 0
  reply[#reply + 1] = look.used
  reply[#reply + 1] = wait
end
reply[#reply + 1] = repaired
return reply
`);

/** Takes costs back out of the slices where they were added. ARGV: window, cost, time in milliseconds for each key. */
export const refundScript = script(`
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 3
  local field = string.format('%.0f', math.ceil((math.floor(ARGV[at + 3] * ${slices} / ARGV[at + 1]) + 1) * ARGV[at + 1] / ${slices}))
  local count = whole(ask('HGET', key, field) or '0') or 0
  if count > 0 then redis.call('HINCRBY', key, field, string.format('%.0f', -math.min(count, tonumber(ARGV[at + 2])))) end
end
return 1
`);
