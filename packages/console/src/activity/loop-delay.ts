import { monitorEventLoopDelay } from "node:perf_hooks";

const resolutionMs = 20;

/** Measures how late the event loop is. Each reading covers the time since the one before. */
export function loopDelay() {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return {
    read: (): { p50: number; p99: number } => {
      const delay = { p50: toMs(histogram.percentile(50)), p99: toMs(histogram.percentile(99)) };
      histogram.reset();
      return delay;
    },
    close: (): void => void histogram.disable(),
  };
}

/** The histogram holds whole intervals in nanoseconds; an idle loop shows the interval itself, and an empty histogram nonsense. */
function toMs(nanoseconds: number): number {
  const ms = nanoseconds / 1e6 - resolutionMs;
  return Number.isFinite(ms) && ms < 3.6e6 ? Math.max(0, Math.round(ms * 100) / 100) : 0;
}
