/** The lengths of the sequences of symbols that have a weight: 1 to 4. */
const ngramLengths = 4;

/** As many weights as there are; sequences that share one were learned together. */
export const ngramSlots = 1 << 18;
/** Its own constant, since an exported one is looked up for every sequence. */
const lastSlot = ngramSlots - 1;

/** Attacks are short and long; the window that is most like one counts, so that prose around an attack cannot thin it out. */
export const windowLengths = [16, 32, 64, 128] as const;
const longest = 128;
/** As many symbols as an excerpt has at most. */
const maxSymbols = 1_024;

/**
 * The sums of the weights of all sequences that end before each position. As many in front of them are infinite, so that a window which
 * would begin before the first symbol is never the strongest.
 */
const sums = new Float64Array(longest + maxSymbols + 1).fill(Infinity, 0, longest);

/** The hash and the slot of each symbol alone. */
const singleHashes = Int32Array.from({ length: 257 }, (_, symbol) => extend(0, symbol));
const singleSlots = singleHashes.map(slotOf);

/** The largest sum of a window, in one pass for all lengths; fewer symbols than the longest window has are one, too. */
export function strongestSum(symbols: Uint8Array, weights: ArrayLike<number>): number {
  const count = symbols.length;
  let total = 0;
  let strongest = -Infinity;
  let [one, two, three] = [0, 0, 0];
  sums[longest] = 0;
  for (let at = 0; at < count; at += 1) {
    const symbol = (symbols[at] ?? 0) + 1;
    const four = extend(three, symbol);
    three = extend(two, symbol);
    two = extend(one, symbol);
    one = singleHashes[symbol] ?? 0;
    const short = (weights[singleSlots[symbol] ?? 0] ?? 0) + (weights[slotOf(two)] ?? 0);
    total += short + (weights[slotOf(three)] ?? 0) + (weights[slotOf(four)] ?? 0);
    const end = longest + at + 1;
    sums[end] = total;
    const least = Math.min(sums[end - 16] ?? 0, sums[end - 32] ?? 0, sums[end - 64] ?? 0, sums[end - longest] ?? 0);
    if (total - least > strongest) strongest = total - least;
  }
  return count < longest && total > strongest ? total : strongest;
}

/** The sum of a window of the symbols that were looked at last. */
export function sumBetween(start: number, end: number): number {
  return (sums[longest + end] ?? 0) - (sums[longest + start] ?? 0);
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

/** The hash of a sequence with one more symbol, which is a number from 1 on; that of none is 0. */
function extend(hash: number, symbol: number): number {
  return (Math.imul(hash ^ symbol, 0x85ebca6b) + 1) | 0;
}

function slotOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 12)) & lastSlot;
}
