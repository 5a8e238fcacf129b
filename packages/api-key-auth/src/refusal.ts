import { HttpProblem } from "@aivillage/middleware";

import type { Challenges } from "./challenges.ts";
import type { FailureReason } from "./events.ts";

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** RFC 6750, 3.1. Without credentials there is none, so that a client can distinguish "log in" from "your key is invalid". */
  readonly code?: string;
}

/** Stands where the way to send credentials goes. */
const usageMark = "{usage}";

const missing: Refusal = {
  status: 401,
  type: "missing-credentials",
  title: "Credentials are missing",
  detail: `Send an API key or a token ${usageMark}.`,
};

const malformed: Refusal = {
  status: 400,
  type: "malformed-credentials",
  title: "Credentials are malformed",
  detail: `Send credentials once, ${usageMark}.`,
  code: "invalid_request",
};

const inQuery: Refusal = {
  ...malformed,
  detail: `Credentials in the query string are not accepted, because URLs are stored and shown. Send them ${usageMark}.`,
};

/** One response for all, so that it does not reveal whether a key exists. */
const invalid: Refusal = {
  status: 401,
  type: "invalid-credentials",
  title: "Credentials are not valid",
  detail: "The key or token is not known, not valid at this time, or not meant for this service.",
  code: "invalid_token",
};

/** A checksum is not secret: a wrong one reveals nothing about which keys exist. */
const mistyped: Refusal = {
  ...invalid,
  detail: "The key has a typing error or is not complete: its checksum is wrong.",
};

const tooManyFailures: Refusal = {
  status: 429,
  type: "too-many-failed-attempts",
  title: "Too many failed attempts",
  detail: "Too many keys or tokens from this address were not valid, and neither is this one. Valid credentials are accepted at any time.",
};

/** The client's token may be valid: a 401 would make it throw the token away. */
const verificationUnavailable: Refusal = {
  status: 503,
  type: "token-verification-unavailable",
  title: "Token verification unavailable",
  detail: "The token cannot be verified at the moment, because the keys of its issuer are not available. Try again later.",
};

const insufficientScope: Refusal = {
  status: 403,
  type: "insufficient-scope",
  title: "Scope is not sufficient",
  detail: "The credentials are valid but do not hold every scope that this request needs.",
  code: "insufficient_scope",
};

/** RFC 6750 knows no tiers; its code for a lack of scope is the one for "higher privileges than provided". */
const insufficientTier: Refusal = {
  status: 403,
  type: "insufficient-tier",
  title: "Tier is not sufficient",
  detail: "The credentials are valid but not of a tier that this request needs.",
  code: "insufficient_scope",
};

const refusals: Readonly<Record<FailureReason, Refusal>> = {
  missing,
  malformed,
  "in-query": inQuery,
  unknown: invalid,
  mistyped,
  revoked: invalid,
  expired: invalid,
  "not-yet-valid": invalid,
  "wrong-address": invalid,
  "bad-token": invalid,
  "wrong-issuer": invalid,
  "wrong-audience": invalid,
  "unfit-token": invalid,
  "verification-unavailable": verificationUnavailable,
  "too-many-failures": tooManyFailures,
  "insufficient-scope": insufficientScope,
  "insufficient-tier": insufficientTier,
};

/** What a refusal reports beside its reason. */
export interface RefusalDetails {
  readonly scopes?: readonly string[];
  readonly tiers?: readonly string[] | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The problem with its challenge (RFC 6750, 3), or with `Retry-After` when waiting is all that helps. */
export function makeRefusal(
  reason: FailureReason,
  challenges: Challenges,
  { scopes = [], tiers = [], retryAfterMs = 0 }: RefusalDetails = {},
): HttpProblem {
  const { code, ...refusal } = refusals[reason];
  const problem = { ...refusal, detail: refusal.detail.replace(usageMark, challenges.usage) };
  if (reason === "verification-unavailable" || reason === "too-many-failures")
    return new HttpProblem({ ...problem, ...waiting(retryAfterMs) });
  return new HttpProblem({
    ...problem,
    headers: { "WWW-Authenticate": challenges.header(code, reason === "insufficient-scope" ? scopes : []) },
    ...(reason === "insufficient-scope" && { extensions: { required_scopes: scopes } }),
    ...(reason === "insufficient-tier" && { extensions: { required_tiers: tiers } }),
  });
}

function waiting(retryAfterMs: number) {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return { headers: { "Retry-After": String(seconds) }, extensions: { retry_after: seconds } };
}
