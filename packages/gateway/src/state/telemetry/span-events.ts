import { type InputFinding, inputFlagged, inputRefused, type InputRefused } from "@aivillage/input-sanitizer";
import { rateLimitDecided, type RateLimitDecided } from "@aivillage/rate-limit";
import { spanEvent, type SpanEvent } from "@aivillage/tracing";

/** The most classes and rules that an event names. */
const mostFindings = 16;

/** What was decided about a request becomes an event of its span. No text of the client is in it. */
export const spanEvents = [
  spanEvent(rateLimitDecided, limitEvent),
  spanEvent(inputRefused, (message) => inputEvent("refused", message)),
  spanEvent(inputFlagged, (message) => inputEvent("flagged", message)),
];

function limitEvent({ policy, tier, decision, limit, remaining, penalised }: RateLimitDecided): SpanEvent {
  return {
    name: "aivillage.rate_limit.decided",
    attributes: {
      "aivillage.rate_limit.policy": policy,
      "aivillage.rate_limit.tier": tier ?? "none",
      "aivillage.rate_limit.decision": decision,
      "aivillage.rate_limit.limit": limit,
      "aivillage.rate_limit.remaining": remaining,
      "aivillage.rate_limit.penalised": penalised,
    },
  };
}

function inputEvent(done: "refused" | "flagged", { location, findings }: InputRefused): SpanEvent {
  const distinct = (name: (finding: InputFinding) => string): string[] => [...new Set(findings.map(name))].slice(0, mostFindings);
  return {
    name: `aivillage.input.${done}`,
    attributes: {
      "aivillage.input.location": location,
      "aivillage.input.classes": distinct((finding) => finding.class),
      "aivillage.input.rules": distinct((finding) => finding.rule),
    },
  };
}
