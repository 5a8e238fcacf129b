import { HttpProblem } from "@aivillage/middleware";

import type { Refusal } from "../store.ts";

/** The problem type that draft-ietf-httpapi-ratelimit-headers registers. */
const temporaryReducedCapacity = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";
/** What is expected beyond that is no better than a guess. */
const longestSeconds = 300;

/**
 * The response to a request without a slot: 429 if it has taken all of its own, otherwise 503. It does not name the limit, which may be called
 * after a backend.
 */
export function refusalProblem(refusal: Refusal, isOwn: boolean, headers: Readonly<Record<string, string>>): HttpProblem {
  const seconds = Math.min(longestSeconds, Math.max(1, Math.ceil(refusal.retryAfterMs / 1_000)));
  const init = {
    headers: { "Retry-After": String(seconds), ...headers },
    extensions: { retry_after: seconds },
  };
  if (refusal.reason === "unavailable") {
    const detail = "Free capacity cannot be determined at the moment. Try again in 1 s.";
    return new HttpProblem({ ...init, status: 503, type: "admission-unavailable", title: "Admission unavailable", detail });
  }
  if (isOwn) {
    const detail = `You have as many requests in progress as you may have at once, ${queueText(refusal)}. Try again in ${seconds} s.`;
    return new HttpProblem({ ...init, status: 429, type: "concurrency-exceeded", title: "Concurrency exceeded", detail });
  }
  const detail = `All capacity is in use, ${queueText(refusal)}. Try again in ${seconds} s.`;
  return new HttpProblem({ ...init, status: 503, type: temporaryReducedCapacity, title: "Temporary reduced capacity", detail });
}

function queueText({ reason }: Refusal): string {
  if (reason === "timeout") return "and no slot became free in time";
  return reason === "share-full" ? "and as many of yours wait as may wait" : "and as many requests wait as may wait";
}
