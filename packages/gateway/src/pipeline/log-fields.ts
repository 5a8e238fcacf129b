import type { IncomingMessage } from "node:http";

import { getPrincipal } from "@aivillage/api-key-auth";
import { getDownstream } from "@aivillage/downstream-proxy";

import { getTier } from "./limits.ts";

/** What the gateway adds to each line of the access log: who it was and which service answered. Never a credential. */
export function logFields(req: IncomingMessage): Record<string, unknown> {
  const downstream = getDownstream(req);
  return {
    principal: getPrincipal(req)?.id,
    tier: getTier(req),
    ...(downstream !== undefined && { upstream: downstream.target, attempts: downstream.attempts }),
  };
}
