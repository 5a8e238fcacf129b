/** Names of members with the kind that each stands for, by the length of the name, which sets most members apart. */
export type MemberNames<Kind> = readonly (readonly (readonly [name: Buffer, kind: Kind])[] | undefined)[];

/** What is found: the kind that the name stands for, where the name begins, and where its value does. */
export type FoundMember<Kind> = (kind: Kind, name: number, value: number) => void;

export function memberNames<Kind>(kinds: ReadonlyMap<string, Kind>): MemberNames<Kind> {
  const names = Array.from(kinds, ([name, kind]) => [Buffer.from(name), kind] as const);
  const longest = Math.max(...names.map(([name]) => name.length));
  return Array.from({ length: longest + 1 }, (_, length) => {
    const ofLength = names.filter(([name]) => name.length === length);
    return ofLength.length === 0 ? undefined : ofLength;
  });
}

/**
 * Finds members of a JSON text by their names, at any depth, in one pass over its bytes and without building anything. A name inside a
 * string is never taken for a member.
 */
export function findMembers<Kind>(bytes: Buffer, start: number, end: number, names: MemberNames<Kind>, found: FoundMember<Kind>): void {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] !== 0x22) continue;
    const close = endOfString(bytes, at + 1, end);
    const length = close - at - 1;
    const ofLength = length < names.length ? names[length] : undefined;
    if (ofLength !== undefined) compare(ofLength, bytes, at, close, found);
    at = close;
  }
}

function compare<Kind>(
  names: readonly (readonly [name: Buffer, kind: Kind])[],
  bytes: Buffer,
  open: number,
  close: number,
  found: FoundMember<Kind>,
): void {
  const after = skipSpace(bytes, close + 1);
  if (bytes[after] !== 0x3a) return;
  for (const [name, kind] of names) if (isAt(bytes, open + 1, name)) return found(kind, open, skipSpace(bytes, after + 1));
}

/** The position of the quote that ends the string whose text begins at `start`; `end` if none does. */
export function endOfString(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === 0x22) return at;
    if (byte === 0x5c) at += 1;
  }
  return end;
}

/** The position of the first byte from there on that is no white space. */
export function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a) at += 1;
  return at;
}

/** Whether the bytes from `start` on are these. */
export function isAt(bytes: Buffer, start: number, expected: Buffer): boolean {
  for (let at = 0; at < expected.length; at += 1) if (bytes[start + at] !== expected[at]) return false;
  return true;
}
