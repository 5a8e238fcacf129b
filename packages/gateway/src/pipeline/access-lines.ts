import type { IncomingMessage } from "node:http";

import { accessLog } from "@aivillage/access-log";
import { getPrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { getDownstream } from "@aivillage/downstream-proxy";
import { getRequestId, getTraceContext } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { foundRules } from "../state/telemetry/found-rules.ts";
import { getTier } from "./limits.ts";

/** Writes one line for each request. */
export function accessLines({ log }: GatewayConfig, logger: GatewayLogger) {
  return accessLog({
    logger,
    requestId: getRequestId,
    traceId: (req) => getTraceContext(req)?.traceId,
    clientIp: getClientIp,
    route: getRoute,
    fields: logFields,
    sample: { perSecond: log.linesPerSecond },
  });
}

/** What the gateway adds to each line: who it was, what screening found, and which service responded. Never a credential. */
function logFields(req: IncomingMessage): Record<string, unknown> {
  const downstream = getDownstream(req);
  return {
    principal: getPrincipal(req)?.id,
    tier: getTier(req),
    ...foundRules(req),
    ...(downstream !== undefined && { upstream: downstream.target, attempts: downstream.attempts }),
  };
}
