/** A worker that lived this long did not die of its start. */
const healthyMs = 10_000;
const firstMs = 100;
const longestMs = 30_000;

/** How long to wait before a dead worker is replaced: not at all after a long life, and twice as long after each short one. */
export function restartDelays(): { after(livedMs: number): number } {
  let nextMs = firstMs;
  return {
    after(livedMs) {
      if (livedMs >= healthyMs) {
        nextMs = firstMs;
        return 0;
      }
      const delayMs = nextMs;
      nextMs = Math.min(nextMs * 2, longestMs);
      return delayMs;
    },
  };
}
