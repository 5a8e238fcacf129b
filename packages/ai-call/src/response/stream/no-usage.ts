import { isAt, skipSpace } from "./find-members.ts";

const usageName = Buffer.from('"usage"');
const [comma, colon, letterN, space, quote] = Buffer.from(',:n "');

/** The range of a member that is `null`, with the comma that must go with it. */
export function rangeOfNull(bytes: Buffer, name: number, value: number): readonly [start: number, end: number] {
  const end = value + "null".length;
  let before = name - 1;
  while (bytes[before] === space) before -= 1;
  if (bytes[before] === comma) return [before, end];
  const after = skipSpace(bytes, end);
  return [name, bytes[after] === comma ? after + 1 : end];
}

/** How far the end of the name is from each byte at least: its last place in the name counts (Boyer-Moore-Horspool). */
const steps = Uint8Array.from({ length: 256 }, (_, byte) => usageName.length - 1 - usageName.lastIndexOf(byte, usageName.length - 2));

/**
 * Where the first member `usage` of a chunk is; -1 for none. In a string the quotes of the name would be escaped. `chunk.indexOf()` takes
 * three times as long for the bytes of an event.
 */
function findUsage(chunk: Buffer, from: number): number {
  const last = usageName.length - 1;
  for (let end = from + last; end < chunk.length; end += steps[chunk[end] ?? 0] ?? 1) {
    if (chunk[end] === quote && isAt(chunk, end - last, usageName)) return end - last;
  }
  return -1;
}

/**
 * Cuts the members out of whole events, in place, that say that there is no usage yet. With usage requested, each event has one.
 *
 * @returns where the events end now; -1 if they say more of usage, and are unchanged
 */
export function cutNoUsage(chunk: Buffer, from = 0): number {
  const name = findUsage(chunk, from);
  if (name === -1) return chunk.length;
  const mark = skipSpace(chunk, name + usageName.length);
  const value = skipSpace(chunk, mark + 1);
  if (chunk[mark] !== colon || chunk[value] !== letterN) return -1;
  const [start, end] = rangeOfNull(chunk, name, value);
  const last = cutNoUsage(chunk, end);
  if (last === -1) return -1;
  chunk.copyWithin(start, end, last);
  return last - (end - start);
}
