import type { FailureKind } from "../failures/failure-window.ts";
import type { AttemptOutcome } from "../report/events.ts";
import type { Failure } from "./failure.ts";

/** Errors of this machine, which has run out of something: they say nothing of the target, and a client may have caused them. */
const ownErrors: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "EAGAIN", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

/** What the end of an attempt without a response says of the target; `undefined` for nothing. */
export function failureKind(outcome: AttemptOutcome, failure: Failure | undefined): FailureKind | undefined {
  if (outcome === "connect_error") return ownErrors.has(codeOf(failure?.cause)) ? undefined : "unreachable";
  // A kept connection that the target has closed meanwhile is no failure of the target.
  if (failure?.stale === true) return undefined;
  return outcome === "timeout" || outcome === "reset" ? "failed" : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
