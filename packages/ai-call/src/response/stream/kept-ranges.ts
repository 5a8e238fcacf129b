import { nothing } from "../response-filter.ts";

interface Range {
  readonly bytes: Buffer;
  readonly start: number;
  end: number;
}

/** Collects ranges of buffers, and copies only if they are not one range in the end. */
export class KeptRanges {
  #ranges: Range[] = [];
  #length = 0;

  push(bytes: Buffer, start: number, end: number): void {
    this.#length += end - start;
    const last = this.#ranges.at(-1);
    if (last !== undefined && last.bytes === bytes && last.end === start) last.end = end;
    else this.#ranges.push({ bytes, start, end });
  }

  /** All bytes that were pushed since the last call, in their order. */
  take(): Buffer {
    const ranges = this.#ranges;
    const [first] = ranges;
    if (first === undefined) return nothing;
    this.#ranges = [];
    const taken = ranges.length === 1 ? first.bytes.subarray(first.start, first.end) : joined(ranges, this.#length);
    this.#length = 0;
    return taken;
  }
}

/** A call of `copy()` costs more than to copy a few bytes one by one. */
const fewBytes = 32;

function joined(ranges: readonly Range[], length: number): Buffer {
  const target = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { bytes, start, end } of ranges) {
    if (end - start > fewBytes) at += bytes.copy(target, at, start, end);
    else for (let from = start; from < end; from += 1) target[at++] = bytes[from] ?? 0;
  }
  return target;
}
