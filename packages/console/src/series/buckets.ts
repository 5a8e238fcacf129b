/** Upper bounds of durations in milliseconds: two to each doubling, from 1 ms to a minute. What is longer counts beyond the last. */
export const boundsMs: readonly number[] = Array.from({ length: 33 }, (_each, index) => 2 ** (index / 2));

/** Numbers that a histogram with these bounds takes. */
export const bucketWidth = boundsMs.length + 1;

const lastIndex = boundsMs.length;

/** The position of a duration among the bounds. */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(lastIndex, Math.ceil(2 * Math.log2(ms)));
}

/**
 * The value below which a share of the durations lies, between two bounds in proportion; the last bound for what lies beyond it.
 *
 * @param counts how many durations each bucket has, one more than there are bounds
 * @returns `undefined` without any duration
 */
export function quantile(share: number, counts: ArrayLike<number>, bounds: readonly number[] = boundsMs): number | undefined {
  let total = 0;
  for (let index = 0; index <= bounds.length; index += 1) total += counts[index] ?? 0;
  if (total <= 0) return undefined;
  let left = share * total;
  for (const [index, upper] of bounds.entries()) {
    const count = counts[index] ?? 0;
    const lower = bounds[index - 1] ?? 0;
    if (count > 0 && left <= count) return lower + ((upper - lower) * left) / count;
    left -= count;
  }
  return bounds.at(-1);
}
