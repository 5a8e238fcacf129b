import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

import type { AiCall } from "./request/call.ts";
import type { AiUsage } from "./response/usage.ts";

/** A call was read and accepted. */
export interface AiCallStarted {
  readonly req: IncomingMessage;
  readonly call: AiCall;
}

/** How a call ended: its response was complete, the backend refused it or failed, or the client left before the end. */
export type AiCallOutcome = "completed" | "failed" | "client-left";

/** A call ended, exactly once for each that started. */
export interface AiCallEnded {
  readonly req: IncomingMessage;
  readonly call: AiCall;
  readonly usage: AiUsage;
  readonly outcome: AiCallOutcome;
  /** Status of the response. */
  readonly status: number;
  /** Milliseconds from the start of the call to its end. */
  readonly durationMs: number;
}

/** Published when a call was read and accepted. Contains no text of the call. */
export const aiCallStarted = event<AiCallStarted>("aivillage:ai-call:started");

/** Published when a call ended. Contains no text of the call or of its response. */
export const aiCallEnded = event<AiCallEnded>("aivillage:ai-call:ended");
