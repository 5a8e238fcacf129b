/**
 * How long a connection to one of several addresses may take before the next one is tried. Node never goes back to one that it has given up,
 * and its default of 250 ms is shorter than a far connection takes, or one whose first packet was lost, which is sent again after a second.
 */
export function attemptTimeoutMs(connectTimeoutMs: number): number {
  return Math.max(250, Math.ceil(connectTimeoutMs / 4));
}
