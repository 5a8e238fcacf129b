import type { InputFinding, InputRefused } from "@aivillage/input-sanitizer";
import type { RateLimitDecided } from "@aivillage/rate-limit";

import type { TracedRequest } from "../../../../tracing/src/traced-request.ts";

/** More say nothing more. */
const mostFindings = 16;

/** What was decided about a request, at one point in time: an event of its span. No text of the client is in it. */
export function noteLimit({ span }: TracedRequest, { policy, tier, decision, limit, remaining, penalised }: RateLimitDecided): void {
  if (!span.isRecording()) return;
  span.addEvent("aivillage.rate_limit.decided", {
    "aivillage.rate_limit.policy": policy,
    "aivillage.rate_limit.tier": tier ?? "none",
    "aivillage.rate_limit.decision": decision,
    "aivillage.rate_limit.limit": limit,
    "aivillage.rate_limit.remaining": remaining,
    "aivillage.rate_limit.penalised": penalised,
  });
}

/** Makes the function that notes what the screening has found, under the name of what was done about it. */
export function noteInput(done: "refused" | "flagged"): (traced: TracedRequest, message: InputRefused) => void {
  return ({ span }, { location, findings }) => {
    if (!span.isRecording()) return;
    const of = (name: (finding: InputFinding) => string): string[] => [...new Set(findings.map(name))].slice(0, mostFindings);
    span.addEvent(`aivillage.input.${done}`, {
      "aivillage.input.location": location,
      "aivillage.input.classes": of((finding) => finding.class),
      "aivillage.input.rules": of((finding) => finding.rule),
    });
  };
}
