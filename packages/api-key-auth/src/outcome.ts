import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import type { Challenges } from "./challenges.ts";
import type { FailureReason } from "./events.ts";
import type { Principal } from "./principal.ts";

/** What an `apiKeyAuth()` found out about the request. */
export interface Outcome {
  readonly challenges: Challenges;
  /** The principal, or why there is none. */
  readonly verdict: Principal | FailureReason;
  /** When a client may try again, in milliseconds from now, where waiting is all that helps. */
  readonly retryAfterMs?: number;
}

export const outcome = requestValue<Outcome>("@aivillage/api-key-auth.outcome");

/**
 * The principal of the request.
 *
 * `undefined` when no `apiKeyAuth()` has run before, or when it defers its refusals and the credentials are missing or bad.
 */
export function getPrincipal(req: IncomingMessage): Principal | undefined {
  const verdict = outcome.get(req)?.verdict;
  return typeof verdict === "object" ? verdict : undefined;
}
