import type { Readable } from "node:stream";

/** A failure that can send a request to the next target. The names are those of `AttemptOutcome`. */
export type FallbackReason = "connect_error" | "refused" | "reset" | "timeout" | "server_error";

/** A body that is sent instead of the client's. */
export interface ReplacedBody {
  contentType: string;
  /** A `Readable` is consumed once. If it is destroyed with an error, the request ends with that error. */
  body: Buffer | string | Readable;
  /**
   * Called with a chunk of a `Readable` when the operating system has its bytes and the proxy no longer reads it, so that its memory can be
   * freed or reused. Not called for chunks that may have to be sent again, nor for chunks that were cut off.
   */
  release?: ((chunk: Buffer) => void) | undefined;
}

/** What `mergeJson` receives about the response. */
export interface MergeOutcome {
  /** Name of the target that responded. */
  target: string;
  /** From the start of the request to the end of the response, all attempts included, in milliseconds. */
  durationMs: number;
}

/** What `traceparent` receives about the attempt that is about to start. */
export interface AttemptBeginning {
  /** Name of the target. */
  target: string;
  /** Scheme, host and port of the replica. Internal. */
  origin: string;
  /** Path at the replica, without the query. */
  path: string;
  /** 1 for the first attempt of a request, and so on. */
  attempt: number;
}
