/** A value in the middle of its rounds, with the least and the greatest. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The value below which `share` of the values lie, the nearest one that there is; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** @throws Error for no values */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error("a spread needs a value");
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2, min: at(0), max: at(sorted.length - 1) };
}

/** The one divided by the other, round by round, so that what slows a whole round down falls out. */
export function ratioOf(dividends: readonly number[], divisors: readonly number[]): Spread {
  const rounds = Math.min(dividends.length, divisors.length);
  return spreadOf(Array.from({ length: rounds }, (_, round) => (dividends[round] ?? 0) / (divisors[round] ?? 1)));
}
