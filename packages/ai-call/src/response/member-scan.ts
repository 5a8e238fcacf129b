/** What is found: the kind that the name stands for, where the name begins, and where its value does. */
export type FoundMember<Kind> = (kind: Kind, name: number, value: number) => void;

/** A prefix that has failed so often is not looked for any more. */
const maxMisses = 16;

/**
 * Finds members of a JSON text by their names, at any depth, in one pass over its bytes and without building anything. A name inside a
 * string is never taken for a member.
 *
 * Texts of one stream mostly begin with the same members, which need not be read again.
 */
export class MemberScan<Kind> {
  /** By the length of the name, which sets most members apart. */
  readonly #names: (readonly (readonly [name: Buffer, kind: Kind])[])[] = [];
  readonly #found: FoundMember<Kind>;
  /** What stood before the first member that was found. */
  #prefix: Buffer = Buffer.alloc(0);
  #misses = 0;
  #learnsFrom = -1;

  constructor(names: ReadonlyMap<string, Kind>, found: FoundMember<Kind>) {
    for (const [text, kind] of names) {
      const name = Buffer.from(text);
      this.#names[name.length] = [...(this.#names[name.length] ?? []), [name, kind]];
    }
    this.#found = found;
  }

  scan(bytes: Buffer, start: number, end: number): void {
    const from = this.#afterPrefix(bytes, start, end);
    this.#learnsFrom = from === start && this.#misses < maxMisses ? start : -1;
    for (let at = from; at < end; at += 1) {
      if (bytes[at] !== 0x22) continue;
      const close = endOfString(bytes, at + 1, end);
      const names = this.#names[close - at - 1];
      if (names !== undefined) this.#compare(names, bytes, at + 1, close);
      at = close;
    }
  }

  #afterPrefix(bytes: Buffer, start: number, end: number): number {
    const after = start + this.#prefix.length;
    if (after === start || after > end) return start;
    if (bytes.compare(this.#prefix, 0, this.#prefix.length, start, after) === 0) return after;
    this.#misses += 1;
    return start;
  }

  #learn(bytes: Buffer, name: number): void {
    this.#prefix = Buffer.from(bytes.subarray(this.#learnsFrom, name));
    this.#learnsFrom = -1;
  }

  #compare(names: readonly (readonly [name: Buffer, kind: Kind])[], bytes: Buffer, start: number, close: number): void {
    const after = skipSpace(bytes, close + 1);
    if (bytes[after] !== 0x3a) return;
    for (const [name, kind] of names) {
      if (!isAt(bytes, start, name)) continue;
      if (this.#learnsFrom !== -1) this.#learn(bytes, start - 1);
      return this.#found(kind, start - 1, skipSpace(bytes, after + 1));
    }
  }
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

function isAt(bytes: Buffer, start: number, name: Buffer): boolean {
  for (let at = 0; at < name.length; at += 1) if (bytes[start + at] !== name[at]) return false;
  return true;
}
