/** The lengths of the sequences of symbols that have a weight: 1 to 4. */
const ngramLengths = 4;

/** As many weights as there are; sequences that share one were learned together. */
export const ngramSlots = 1 << 18;

/** Writes the sums of the weights of all sequences that end before each position; before the first symbol there is nothing. */
export function addUpWeights(symbols: Uint8Array, weights: ArrayLike<number>, sums: Float64Array): void {
  let total = 0;
  let [one, two, three] = [0, 0, 0];
  sums[0] = 0;
  for (let at = 0; at < symbols.length; at += 1) {
    const symbol = (symbols[at] ?? 0) + 1;
    const four = extend(three, symbol);
    three = extend(two, symbol);
    two = extend(one, symbol);
    one = extend(0, symbol);
    const short = (weights[slotOf(one)] ?? 0) + (weights[slotOf(two)] ?? 0);
    total += short + (weights[slotOf(three)] ?? 0) + (weights[slotOf(four)] ?? 0);
    sums[at + 1] = total;
  }
}

/** The slots of the sequences that end at each symbol from `start` to `end`, the shortest first. */
export function slotsOf(symbols: Uint8Array, start: number, end: number): Int32Array {
  const slots = new Int32Array((end - start) * ngramLengths);
  let [one, two, three] = [0, 0, 0];
  for (let at = Math.max(0, start - ngramLengths + 1); at < end; at += 1) {
    const symbol = (symbols[at] ?? 0) + 1;
    const four = extend(three, symbol);
    three = extend(two, symbol);
    two = extend(one, symbol);
    one = extend(0, symbol);
    if (at >= start) slots.set([slotOf(one), slotOf(two), slotOf(three), slotOf(four)], (at - start) * ngramLengths);
  }
  return slots;
}

function extend(hash: number, symbol: number): number {
  return (Math.imul(hash ^ symbol, 0x85ebca6b) + 1) | 0;
}

function slotOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 12)) & (ngramSlots - 1);
}
