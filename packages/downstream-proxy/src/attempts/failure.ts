import type { HttpProblem } from "@aivillage/middleware";

import type { FallbackReason } from "../options/options.ts";
import { badGateway, gatewayTimeout, serviceUnavailable } from "../report/errors.ts";
import { MalformedAnswer } from "./check-response.ts";

/** How far an attempt has come: `heading` is between the first byte of the answer and the end of its head. */
export type Phase = "queued" | "connecting" | "waiting" | "heading" | "answering";

/** Why an attempt brought no whole answer. */
export interface Failure {
  readonly outcome: Exclude<FallbackReason, "server_error">;
  /** Answer to the client when this is the last word. */
  readonly status: 502 | 503 | 504;
  readonly detail: string;
  readonly cause?: unknown;
  /** The connection had been used before and closed without a byte of an answer. */
  readonly stale?: boolean;
}

interface Timeouts {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

/** Ends a request whose response nobody wants any longer. */
export const abandoned = new Error("the attempt was abandoned");

export function breakerOpen(target: string): Failure {
  return { outcome: "refused", status: 503, detail: `"${target}" has failed repeatedly and is left alone for a moment.` };
}

export function noPlace(target: string): Failure {
  return { outcome: "refused", status: 503, detail: `"${target}" has no connection free.` };
}

export function tooLate(what: "head" | "response", target: string, limitMs: number): Failure {
  const did = what === "head" ? late.waiting : "did not complete its response";
  return { outcome: "timeout", status: 504, detail: `"${target}" ${did} within ${limitMs} ms.` };
}

/** What undici's error means in the phase in which it came; `undefined` when the request itself could not be sent as built. */
export function classify(
  error: Error & { code?: string },
  phase: Phase,
  target: string,
  timeouts: Timeouts,
  connectionWasUsed: boolean,
): Failure | undefined {
  const { code = "" } = error;
  if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED") return undefined;
  if (code === "UND_ERR_CLOSED" || code === "UND_ERR_DESTROYED") return { ...noPlace(target), cause: error };
  const timeoutMs = timeoutOf(code, timeouts);
  if (timeoutMs !== undefined) {
    const outcome = phase === "connecting" ? "connect_error" : "timeout";
    return { outcome, status: 504, detail: `"${target}" ${late[phase]} within ${timeoutMs} ms.`, cause: error };
  }
  if (phase === "connecting") {
    return { outcome: "connect_error", status: 502, detail: `"${target}" could not be reached.`, cause: error };
  }
  const what = isMalformed(error, phase) ? "sent an answer that is not valid HTTP" : broken[phase];
  return { outcome: "reset", status: 502, detail: `"${target}" ${what}.`, cause: error, stale: connectionWasUsed && phase === "waiting" };
}

export function toProblem({ status, detail, cause }: Failure, retryAfterMs: number): HttpProblem {
  if (status === 502) return badGateway(detail, cause);
  if (status === 504) return gatewayTimeout(detail, cause);
  return serviceUnavailable(detail, retryAfterMs, cause);
}

/** A length that does not match is a fault of the head when it shows there, and a broken body later. */
function isMalformed(error: Error & { code?: string }, phase: Phase): boolean {
  const { name, code } = error;
  if (error instanceof MalformedAnswer || name === "HTTPParserError" || code === "UND_ERR_HEADERS_OVERFLOW") return true;
  return code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" && phase !== "answering";
}

function timeoutOf(code: string, timeouts: Timeouts): number | undefined {
  if (code === "UND_ERR_CONNECT_TIMEOUT") return timeouts.connectTimeoutMs;
  if (code === "UND_ERR_BODY_TIMEOUT") return timeouts.idleTimeoutMs;
  return undefined;
}

const late: Readonly<Record<Phase, string>> = {
  queued: "had no connection free",
  connecting: "did not accept a connection",
  waiting: "did not begin to answer",
  heading: "did not begin to answer",
  answering: "did not go on with its answer",
};

const broken: Readonly<Record<Phase, string>> = {
  queued: "could not be reached",
  connecting: "could not be reached",
  waiting: "closed the connection before it answered",
  heading: "closed the connection before it answered",
  answering: "broke off its answer",
};
