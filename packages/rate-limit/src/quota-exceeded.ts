import { HttpProblem } from "@aivillage/middleware";

import { toSeconds } from "./headers.ts";
import type { RateLimitResult } from "./result.ts";

/** The problem type that draft-ietf-httpapi-ratelimit-headers registers. */
const type = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/** The answer to a refused request. */
export function quotaExceeded({ limit, windowMs, cost, retryAfterMs, policies }: RateLimitResult): HttpProblem {
  const window = windowMs / 1_000;
  const allowance = `${limit} in ${window} s`;
  const known = { "violated-policies": policies.filter(({ exceeded }) => exceeded).map(({ policy }) => policy), limit, window };
  const init = { status: 429, type, title: "Quota exceeded" };
  if (!Number.isFinite(retryAfterMs)) {
    const detail = `The request costs ${cost}, more than the limit of ${allowance}: it can never pass. Ask for less at once.`;
    return new HttpProblem({ ...init, detail, extensions: known });
  }
  const seconds = Math.max(1, toSeconds(retryAfterMs));
  return new HttpProblem({
    ...init,
    detail: `The limit of ${allowance} is used up. Try again in ${seconds} s.`,
    headers: { "Retry-After": String(seconds) },
    extensions: { ...known, retry_after: seconds },
  });
}
