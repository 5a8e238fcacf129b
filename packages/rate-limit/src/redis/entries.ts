import { type StoreEntriesRepaired, storeEntriesRepaired } from "../events.ts";

/**
 * What every script begins with: what stands in Redis may have been written by somebody else, and must cost that entry at most.
 *
 * `ask` runs a command on a key, which is dropped when it is of another type. `whole` reads what HINCRBY takes: a number from 0 on, at
 * most 15 digits, without sign and leading zeros; it gives nothing for what is none. `repaired` counts what was dropped or changed.
 */
export const entriesPrelude = `
local repaired = 0
local function ask(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if string.find(reply.err, 'WRONGTYPE', 1, true) then
    redis.call('DEL', key)
    repaired = repaired + 1
  end
  return redis.call(command, key, ...)
end
local function whole(text)
  if #text <= 15 and (text == '0' or string.find(text, '^[1-9]%d*$')) then return tonumber(text) end
end
`;

/** More fields than any window has slices, whatever windows a policy is asked for with. */
export const mostFields = 1_000;

/** Reports what a script has dropped or changed. */
export function noteRepaired(kind: StoreEntriesRepaired["kind"], entries: number): void {
  if (entries > 0 && storeEntriesRepaired.hasSubscribers) storeEntriesRepaired.publish({ store: "redis", kind, entries });
}
