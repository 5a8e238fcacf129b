/** The lengths of the sequences of symbols that have a weight: 1 to 4. */
export const ngramLengths = 4;

/** As many weights as there are; sequences that share one were learned together. */
export const ngramSlots = 1 << 18;

/** Writes the slots of the sequences that end at each symbol, the shortest first; before the first symbol there is nothing. */
export function writeSlots(symbols: Uint8Array, count: number, slots: Int32Array): void {
  let one = 0;
  let two = 0;
  let three = 0;
  for (let at = 0; at < count; at += 1) {
    const symbol = (symbols[at] ?? 0) + 1;
    const four = extend(three, symbol);
    three = extend(two, symbol);
    two = extend(one, symbol);
    one = extend(0, symbol);
    const first = at * ngramLengths;
    slots[first] = slotOf(one);
    slots[first + 1] = slotOf(two);
    slots[first + 2] = slotOf(three);
    slots[first + 3] = slotOf(four);
  }
}

function extend(hash: number, symbol: number): number {
  return (Math.imul(hash ^ symbol, 0x85ebca6b) + 1) | 0;
}

function slotOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 12)) & (ngramSlots - 1);
}
