/**
 * A window is cut into this many slices of time; a power of two, so that the arithmetic on slice borders is exact.
 *
 * The whole slice in which the window begins is counted, so a client at x % of the limit uses up to x · 33/32 %: at 95 %
 * that is 98 %, which still fits.
 */
export const slices = 32;

/** The current slice and the 32 before it: every trailing window lies within them. */
export const ringSize = slices + 1;

/** The slice of a window of `windowMs` in which an integer time lies. */
export function sliceAt(timeMs: number, windowMs: number): number {
  return Math.floor((timeMs * slices) / windowMs);
}

/** The first integer time that lies in the slice. */
export function sliceStartMs(slice: number, windowMs: number): number {
  return Math.ceil((slice * windowMs) / slices);
}
