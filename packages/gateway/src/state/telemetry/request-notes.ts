import type { IncomingMessage } from "node:http";

import type { AuthenticationFailed } from "@aivillage/api-key-auth";
import type { DownstreamAttempted } from "@aivillage/downstream-proxy";
import type { UploadRefused } from "@aivillage/file-upload";
import type { InputFinding, InputRefused } from "@aivillage/input-sanitizer";
import { inputErrors, requestValue } from "@aivillage/middleware";
import type { ProblemSent } from "@aivillage/problem-details";
import type { RateLimitDecided } from "@aivillage/rate-limit";
import type { BudgetDecided } from "@aivillage/token-budget";

import { isFailure } from "./gateway-lines.ts";

/** What decided a request, as its access line says it: names of ours, never a text of the client. */
interface RequestNotes {
  /** Last part of the type of the problem that was sent. */
  problem?: string;
  /** Seconds after which the client may try again, if it was given. */
  retry_after?: number;
  /** Why credentials, an upload or other input were refused. */
  reason?: string;
  /** The limit that refused it. */
  policy?: string;
  /** The budget that refused it. */
  budget?: string;
  /** How the last attempt ended, if it failed. */
  upstream_outcome?: string | undefined;
  /** Why it did, such as `ECONNREFUSED`. */
  upstream_reason?: string | undefined;
  /** The replica of that attempt. */
  upstream_origin?: string | undefined;
  /** Rules that refused it. */
  input_refused?: readonly string[];
  /** Rules that were only flagged. */
  input_flagged?: readonly string[];
}

/** The most rules that a line names. */
const mostRules = 16;

const notes = requestValue<RequestNotes>("@aivillage/gateway.request-notes");

export function notesOf(req: IncomingMessage): Readonly<RequestNotes> | undefined {
  return notes.get(req);
}

function note(req: IncomingMessage, more: RequestNotes): void {
  notes.set(req, { ...notes.get(req), ...more });
}

export function noteProblem({ req, problem }: ProblemSent): void {
  const { "Retry-After": retryAfter } = problem.headers;
  const errors = inputErrors(problem);
  note(req, {
    ...(errors !== undefined && { reason: errors.join("; ") }),
    ...(problem.type !== "about:blank" && { problem: lastPart(problem.type) }),
    ...(retryAfter !== undefined && { retry_after: Number(retryAfter) }),
  });
}

/** Types are slugs or URIs that end in one. */
function lastPart(type: string): string {
  return type.slice(Math.max(type.lastIndexOf("/"), type.lastIndexOf("#")) + 1);
}

export function noteFailedAuthentication({ req, reason }: AuthenticationFailed): void {
  note(req, { reason });
}

export function noteRefusedUpload({ req, reason }: UploadRefused): void {
  note(req, { reason });
}

export function noteLimit({ req, policy, decision }: RateLimitDecided): void {
  if (decision === "refused") note(req, { policy });
}

export function noteBudget({ req, violated: [budget] }: BudgetDecided): void {
  if (budget !== undefined) note(req, { budget });
}

/** The outcome of the last attempt counts: the attempts that were made again have the line `service failed`. */
export function noteAttempt(attempt: DownstreamAttempted): void {
  const { req, outcome, reason, origin } = attempt;
  if (isFailure(attempt)) note(req, { upstream_outcome: outcome, upstream_reason: reason, upstream_origin: origin });
  else if (notes.get(req)?.upstream_outcome !== undefined) note(req, noFailure);
}

const noFailure = { upstream_outcome: undefined, upstream_reason: undefined, upstream_origin: undefined };

export function noteRefused({ req, findings }: InputRefused): void {
  note(req, { input_refused: rulesOf(findings.filter(({ outcome }) => outcome === "block")) });
}

export function noteFlagged({ req, findings }: InputRefused): void {
  const before = notes.get(req)?.input_flagged ?? [];
  note(req, { input_flagged: [...new Set([...before, ...rulesOf(findings)])].slice(0, mostRules) });
}

function rulesOf(findings: readonly InputFinding[]): readonly string[] {
  return [...new Set(findings.map(({ class: attackClass, rule }) => `${attackClass}/${rule}`))].slice(0, mostRules);
}
