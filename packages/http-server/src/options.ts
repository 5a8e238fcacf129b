import { uploadTimeoutMs } from "../../gateway/src/pipeline/body-times.ts";
import type { Pace } from "./connections/pace-watch.ts";

/** How long the server waits for clients. */
export interface ClientTimes extends Pace {
  /** For the head of a request, which is looked at every `checkMs`. */
  readonly headMs: number;
  /** For the whole request. */
  readonly requestMs: number;
  /** Between two requests: longer than load balancers keep theirs, or they send one into a connection that is just closed. */
  readonly keepAliveMs: number;
  readonly checkMs: number;
}

export const clientTimes: ClientTimes = {
  headMs: 15_000,
  // The reader of an upload says why it refuses one that takes too long.
  requestMs: uploadTimeoutMs + 15_000,
  keepAliveMs: 65_000,
  checkMs: 2_000,
  intervalMs: 1_000,
  bodyWindowMs: 15_000,
  bodyWindowBytes: 10_240,
  stalledWriteMs: 10_000,
  slowWriteMs: 15_000,
  waitingBytesPerMs: 32,
};
