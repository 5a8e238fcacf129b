import type { Duplex } from "node:stream";

import type { ResponseHeaders } from "../fields/response-head.ts";
import type { Failure } from "./failure.ts";

/** Is notified of the progress of an attempt. After `onEnd` or `onFailure`, or after `abandon()`, there are no more calls. */
export interface AttemptListener {
  /** Headers of a 103; the final response follows. */
  onEarlyHints?(headers: ResponseHeaders): void;
  onHead(status: number, headers: ResponseHeaders): void;
  /** The target has switched protocols. The connection belongs to the listener until `endUpgraded()`. */
  onUpgraded?(headers: ResponseHeaders, socket: Duplex): void;
  /** Return false for a pause until `resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: ResponseHeaders): void;
  /** `failure` is undefined if not the target failed, but the request could not be built; `error` says why. */
  onFailure(failure: Failure | undefined, error: unknown): void;
  /** The stream has lasted longer than `maxStreamMs`. The listener must end the request. */
  onStreamLate(limitMs: number): void;
}
