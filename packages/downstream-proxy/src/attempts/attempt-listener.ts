import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import type { OutgoingRequest } from "../exchange/proxy-context.ts";
import type { AnswerHeaders } from "../fields/response-headers.ts";
import type { Settings } from "../options/read-options.ts";
import type { Failure } from "./failure.ts";
import type { ClockDeadlines } from "./response-clock.ts";

/** The request to send, and what the attempt tells. After `onEnd` or `onFailure`, or once abandoned, it is silent. */
export interface AttemptOwner {
  readonly req: IncomingMessage;
  readonly outgoing: OutgoingRequest;
  readonly settings: Settings;
  readonly deadlines: ClockDeadlines;
  /** Fields of an informational answer; the real one follows. */
  onEarlyHints(headers: AnswerHeaders): void;
  onHead(status: number, headers: AnswerHeaders): void;
  /** The target has changed the protocol; the connection is the owner's until `endUpgraded()`. */
  onUpgraded(headers: AnswerHeaders, socket: Duplex): void;
  /** False asks for a pause until `resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: AnswerHeaders): void;
  /** `undefined`: not the target failed, but the request could not be built; `error` says why. */
  onFailure(failure: Failure | undefined, error: unknown): void;
  onBodyBroken(error: Error): void;
  /** The stream has lasted longer than `maxStreamMs`: the owner ends everything at once. */
  onStreamLate(limitMs: number): void;
}
