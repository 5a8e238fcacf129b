/** The lengths of the sequences of symbols that have a weight: 1 to 4. */
export const ngramLengths = 4;

/** As many weights as there are; sequences that share one were learned together. */
export const ngramSlots = 1 << 17;

/** Writes the slots of the sequences that end at each symbol, the shortest first; -1 where one would begin before the first symbol. */
export function writeSlots(symbols: Uint8Array, count: number, slots: Int32Array): void {
  for (let at = 0; at < count; at += 1) {
    let hash = 0;
    for (let length = 0; length < ngramLengths; length += 1) {
      const isWhole = length <= at;
      if (isWhole) hash = Math.imul(hash ^ ((symbols[at - length] ?? 0) + 1), 0x85ebca6b) + length;
      slots[at * ngramLengths + length] = isWhole ? slotOf(hash) : -1;
    }
  }
}

function slotOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 12)) & (ngramSlots - 1);
}
