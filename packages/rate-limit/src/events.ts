import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

/** A request was allowed or refused; the numbers are those of the most restrictive policy. */
export interface RateLimitDecided {
  req: IncomingMessage;
  /** Name of the policy. */
  policy: string;
  /** What the option `tier` returned. */
  tier: string | undefined;
  decision: "allowed" | "refused";
  limit: number;
  remaining: number;
  /** True when the limit was lowered because of a penalty. */
  penalised: boolean;
  /** True when a refusal was only noted and the request went on. */
  dryRun: boolean;
}

export const rateLimitDecided = event<RateLimitDecided>("aivillage:rate-limit:decided");
