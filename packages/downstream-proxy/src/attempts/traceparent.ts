import type { PlannedAttempt } from "./attempt-plan.ts";
import type { RequestContext } from "./request-context.ts";

/** The result of the option `traceparent` for an attempt that is about to start. */
export function traceparentOf({ req, settings, outgoing }: RequestContext, planned: PlannedAttempt): string | undefined {
  if (settings.traceparent === undefined) return undefined;
  const { target, replica, attempt } = planned;
  const path = replica.basePath + (target.path ?? outgoing.path).split("?", 1)[0];
  return settings.traceparent(req, { target: target.name, origin: replica.url, path, attempt });
}

/** The headers with this `traceparent` instead of the one there is. */
export function withTraceparent(headers: string[], traceparent: string | undefined): string[] {
  if (traceparent === undefined) return headers;
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? "";
    if (name.length !== "traceparent".length || name.toLowerCase() !== "traceparent") kept.push(name, headers[index + 1] ?? "");
  }
  kept.push("traceparent", traceparent);
  return kept;
}
