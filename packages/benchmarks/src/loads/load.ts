import type { ProcessMeter } from "../process-meter.ts";

/** What a load generator is pointed at. */
interface LoadTarget {
  readonly port: number;
  readonly seconds: number;
  readonly meter: ProcessMeter;
}

/** What a load generator saw. */
export interface LoadResult {
  /** Requests, events or MiB that came through in order. */
  readonly units: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Resident memory at the moment that matters, in bytes. Default: the peak. */
  readonly residentBytes?: number;
  /** CPU time of the part that matters, in microseconds. Default: that of the whole load. */
  readonly cpuMicros?: number;
}

/** Loads a contestant for a while. Rejects when a response was wrong, so that no one is fast by failing. */
export type Load = (target: LoadTarget) => Promise<LoadResult>;
