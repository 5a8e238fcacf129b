import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

/** A request passed without being counted. */
export interface RateLimitSkipped {
  req: IncomingMessage;
  /** `allow` for a client on the list; what the option `skip` returned, or `skip` where that was `true`. */
  reason: string;
}

export const rateLimitSkipped = event<RateLimitSkipped>("aivillage:rate-limit:skipped");
