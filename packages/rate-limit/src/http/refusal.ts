import { HttpProblem } from "@aivillage/middleware";

import type { RateLimitResult } from "../result.ts";
import { toSeconds } from "./headers.ts";

/** The problem types that draft-ietf-httpapi-ratelimit-headers registers. */
const registry = "https://iana.org/assignments/http-problem-types";
const quotaExceeded = { type: `${registry}#quota-exceeded`, title: "Quota exceeded" };
const abnormalUsage = { type: `${registry}#abnormal-usage-detected`, title: "Abnormal usage detected" };

/** The response to a refused request. */
export function refusal({ limit, windowMs, cost, retryAfterMs, penalised, policies }: RateLimitResult): HttpProblem {
  const window = windowMs / 1_000;
  const allowance = `${limit} in ${window} s`;
  const known = { "violated-policies": policies.filter(({ exceeded }) => exceeded).map(({ policy }) => policy), limit, window };
  const init = { status: 429, ...(penalised ? abnormalUsage : quotaExceeded) };
  if (!Number.isFinite(retryAfterMs)) {
    const detail = `The request costs ${cost}, more than the limit of ${allowance}: it can never pass. Ask for less at once.`;
    return new HttpProblem({ ...init, detail, extensions: known });
  }
  const seconds = Math.max(1, toSeconds(retryAfterMs));
  const why = penalised ? "After abnormal usage the limit is lowered for a while. " : "";
  return new HttpProblem({
    ...init,
    detail: `${why}The limit of ${allowance} is used up. Try again in ${seconds} s.`,
    headers: { "Retry-After": String(seconds) },
    extensions: { ...known, retry_after: seconds },
  });
}
