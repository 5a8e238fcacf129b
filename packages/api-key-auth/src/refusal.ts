import { HttpProblem } from "@aivillage/middleware";

import type { FailureReason } from "./events.ts";

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** RFC 6750, 3.1. Without credentials there is none, so that a client can tell "log in" from "your key is bad". */
  readonly code?: string;
}

const missing: Refusal = {
  status: 401,
  type: "missing-credentials",
  title: "Credentials are missing",
  detail: "Send an API key or a token in the header `Authorization: Bearer <key>`.",
};

const malformed: Refusal = {
  status: 400,
  type: "malformed-credentials",
  title: "Credentials are malformed",
  detail: "Send exactly one header of the form `Authorization: Bearer <key>`.",
  code: "invalid_request",
};

const inQuery: Refusal = {
  ...malformed,
  detail: "Credentials in the query string are not accepted, because URLs are stored and shown. Send them in the header `Authorization`.",
};

/** One answer for all, so that it does not tell whether a key exists. */
const invalid: Refusal = {
  status: 401,
  type: "invalid-credentials",
  title: "Credentials are not valid",
  detail: "The key or token is not known, not valid at this time, or not meant for this service.",
  code: "invalid_token",
};

const insufficientScope: Refusal = {
  status: 403,
  type: "insufficient-scope",
  title: "Scope is not sufficient",
  detail: "The credentials are valid but do not hold every scope that this request needs.",
  code: "insufficient_scope",
};

const refusals: Readonly<Record<FailureReason, Refusal>> = {
  missing,
  malformed,
  "in-query": inQuery,
  unknown: invalid,
  expired: invalid,
  "not-yet-valid": invalid,
  "bad-token": invalid,
  "insufficient-scope": insufficientScope,
};

/** The problem with its challenge (RFC 6750, 3). */
export function makeRefusal(reason: FailureReason, realm: string, neededScopes: readonly string[] = []): HttpProblem {
  const { code, ...problem } = refusals[reason];
  const lacksScope = reason === "insufficient-scope";
  const challenge = [`Bearer realm="${realm}"`];
  if (code !== undefined) challenge.push(`error="${code}"`);
  if (lacksScope) challenge.push(`scope="${neededScopes.join(" ")}"`);
  return new HttpProblem({
    ...problem,
    headers: { "WWW-Authenticate": challenge.join(", ") },
    ...(lacksScope && { extensions: { required_scopes: neededScopes } }),
  });
}
