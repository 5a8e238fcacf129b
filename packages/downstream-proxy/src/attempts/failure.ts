import type { HttpProblem } from "@aivillage/middleware";

import type { FailureKind } from "../failures/failure-window.ts";
import type { FallbackReason } from "../options/option-values.ts";
import { badGateway, gatewayTimeout, serviceUnavailable } from "../report/errors.ts";
import type { AttemptOutcome } from "../report/events.ts";
import { MalformedResponse } from "./check-response.ts";

/** The progress of an attempt: `heading` is between the first byte of the response and the end of its head. */
export type Phase = "queued" | "connecting" | "waiting" | "heading" | "responding";

/** Why an attempt ended without a complete response. */
export interface Failure {
  readonly outcome: Exclude<FallbackReason, "server_error">;
  /** Status for the client if no further attempt follows. */
  readonly status: 502 | 503 | 504;
  readonly detail: string;
  readonly cause?: unknown;
  /** A reused connection closed before the first byte of a response. */
  readonly stale?: boolean;
  /** The response had no content in time. */
  readonly withoutContent?: boolean;
}

interface Limits {
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxHeaderBytes: number;
}

/** Ends a request whose response is no longer needed. */
export const abandoned = new Error("the attempt was abandoned");

// Clients read the details, and the name of a target is internal: events and `getDownstream()` report it.

export function breakerOpen(): Failure {
  return { outcome: "refused", status: 503, detail: detailOf("has failed repeatedly and receives no requests at the moment") };
}

export function noConnectionFree(): Failure {
  return { outcome: "refused", status: 503, detail: detailOf("has no connection free") };
}

export function tooLate(what: "head" | "first" | "response", limitMs: number): Failure {
  const did = { head: late.waiting, first: "sent no content", response: "did not complete its response" }[what];
  return { outcome: "timeout", status: 504, detail: detailOf(`${did} within ${limitMs} ms`), withoutContent: what === "first" };
}

function detailOf(what: string): string {
  return `The upstream service ${what}.`;
}

/** What undici's error means in the phase in which it occurred; `undefined` if the request as built could not be sent. */
export function classify(error: Error & { code?: string }, phase: Phase, limits: Limits, connectionWasUsed: boolean): Failure | undefined {
  const { code = "" } = error;
  if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED") return undefined;
  if (code === "UND_ERR_CLOSED" || code === "UND_ERR_DESTROYED") return { ...noConnectionFree(), cause: error };
  const timeoutMs = timeoutOf(code, limits);
  if (timeoutMs !== undefined) {
    const outcome = phase === "connecting" ? "connect_error" : "timeout";
    return { outcome, status: 504, detail: detailOf(`${late[phase]} within ${timeoutMs} ms`), cause: error };
  }
  if (phase === "connecting") {
    return { outcome: "connect_error", status: 502, detail: detailOf("could not be reached"), cause: error };
  }
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    const detail = detailOf(`sent a response with headers of more than ${limits.maxHeaderBytes} bytes`);
    return { outcome: "reset", status: 502, detail, cause: error };
  }
  const what = isMalformed(error, phase) ? "sent a response that is not valid HTTP" : broken[phase];
  return { outcome: "reset", status: 502, detail: detailOf(what), cause: error, stale: connectionWasUsed && phase === "waiting" };
}

export function toProblem({ status, detail, cause }: Failure, retryAfterMs: number): HttpProblem {
  if (status === 502) return badGateway(detail, cause);
  if (status === 504) return gatewayTimeout(detail, cause);
  return serviceUnavailable(detail, retryAfterMs, cause);
}

/** Errors of this machine, which has run out of a resource. They say nothing about the target, and a client may have caused them. */
const ownErrors: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "EAGAIN", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

/** What the end of an attempt without a response says about the target; `undefined` for nothing. */
export function failureKind(outcome: AttemptOutcome, failure: Failure | undefined): FailureKind | undefined {
  if (outcome === "connect_error") return ownErrors.has(codeOf(failure?.cause)) ? undefined : "unreachable";
  // The target may close an idle connection at any time; that is not a failure.
  if (failure?.stale === true) return undefined;
  return outcome === "timeout" || outcome === "reset" ? "failed" : undefined;
}

/** For logs: the code that names the cause, such as `CERT_HAS_EXPIRED`, or what the client learns. */
export function reasonOf({ cause, detail }: Failure): string {
  return codeOf(cause) || detail;
}

function codeOf(error: unknown): string {
  return (error as Partial<NodeJS.ErrnoException> | undefined)?.code ?? "";
}

/** A length that does not match is an error of the head if it shows there, and a broken body later. */
function isMalformed(error: Error & { code?: string }, phase: Phase): boolean {
  const { name, code } = error;
  if (error instanceof MalformedResponse || name === "HTTPParserError") return true;
  return code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" && phase !== "responding";
}

function timeoutOf(code: string, limits: Limits): number | undefined {
  if (code === "UND_ERR_CONNECT_TIMEOUT") return limits.connectTimeoutMs;
  if (code === "UND_ERR_BODY_TIMEOUT") return limits.idleTimeoutMs;
  return undefined;
}

const late: Readonly<Record<Phase, string>> = {
  queued: "had no connection free",
  connecting: "did not accept a connection",
  waiting: "did not begin to respond",
  heading: "did not begin to respond",
  responding: "did not continue its response",
};

const broken: Readonly<Record<Phase, string>> = {
  queued: "could not be reached",
  connecting: "could not be reached",
  waiting: "closed the connection before it responded",
  heading: "closed the connection before it responded",
  responding: "broke off its response",
};
