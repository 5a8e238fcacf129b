import type { IncomingMessage, ServerResponse } from "node:http";

import { accessLog } from "@aivillage/access-log";
import { getPrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { getDownstream } from "@aivillage/downstream-proxy";
import { requestPath } from "@aivillage/middleware";
import { getRequestId, getTraceContext } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { principalName } from "../state/client-key.ts";
import { notesOf } from "../state/telemetry/request-notes.ts";
import { callFields } from "./call-fields.ts";
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
    ...(!log.probes && { skip: isProbe }),
    sample: { perSecond: log.linesPerSecond },
  });
}

const probes: ReadonlySet<string> = new Set(["/livez", "/readyz", "/healthz", "/metrics"]);

function isProbe(req: IncomingMessage): boolean {
  return probes.has(requestPath(req));
}

/** Clients choose how long their `User-Agent` is. */
const longestAgent = 256;

/** What the gateway adds to each line: who it was, what decided the request, which service responded, and what a model used. Never a credential. */
function logFields(req: IncomingMessage, res: ServerResponse): Record<string, unknown> {
  const downstream = getDownstream(req);
  return {
    user_agent: req.headers["user-agent"]?.slice(0, longestAgent),
    principal: principalName(req),
    key_id: getPrincipal(req)?.keyId,
    tier: getTier(req),
    ...notesOf(req),
    ...(isForeign(req) && !res.hasHeader("Access-Control-Allow-Origin") && { cors: "origin not allowed" }),
    ...(downstream !== undefined && { upstream: downstream.target, upstream_origin: downstream.replica, attempts: downstream.attempts }),
    ...callFields(req),
  };
}

/** True for a request that a page of another origin sent. Pages of the same origin send `Origin` too, except with GET. */
function isForeign({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin !== undefined && URL.parse(origin)?.host !== host;
}
