import { withField } from "../request/request-headers.ts";
import type { AttemptOwner } from "./attempt-listener.ts";
import type { Try } from "./attempt-plan.ts";

/** What the option `traceparent` gives for an attempt that is about to be made. */
export function traceparentOf({ req, settings, outgoing }: AttemptOwner, { route, origin, attempt }: Try): string | undefined {
  if (settings.traceparent === undefined) return undefined;
  const path = origin.basePath + (route.path ?? outgoing.path).split("?", 1)[0];
  return settings.traceparent(req, { target: route.name, origin: origin.url, path, attempt });
}

export function withTraceparent(headers: string[], traceparent: string | undefined): string[] {
  return traceparent === undefined ? headers : withField(headers, "traceparent", traceparent);
}
