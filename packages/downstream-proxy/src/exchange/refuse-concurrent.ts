import type { IncomingMessage } from "node:http";

import { tooManyConcurrent } from "../report/errors.ts";
import { concurrencyExceeded } from "../report/events.ts";
import type { ProxyContext } from "./proxy-context.ts";

/** The problem for a client that has too much in progress; publishes the event. */
export function refuseConcurrent({ settings, routes, shares }: ProxyContext, req: IncomingMessage): Error {
  const { client, count } = shares.stateOf(req);
  if (concurrencyExceeded.heard) {
    concurrencyExceeded.publish({ req, target: routes[0]?.name ?? "", client, count, limit: shares.limit });
  }
  return tooManyConcurrent(count, settings.retryAfterMs);
}
