import { getClientIp, isFromTrustedProxy } from "@aivillage/client-ip";
import { downstreamAttempted } from "@aivillage/downstream-proxy";
import { getRequestId } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";
import { tracing } from "@aivillage/tracing";

import type { GatewayLogger } from "../dependencies.ts";
import { spanEvents } from "../state/telemetry/span-events.ts";
import { version } from "../version.ts";

/** OpenTelemetry spans for requests and attempts, if the operator has registered a tracer provider. */
export function tracingPart(logger: GatewayLogger) {
  return tracing({
    route: getRoute,
    clientAddress: getClientIp,
    isFromTrustedProxy,
    attributes: (req) => ({ "aivillage.request_id": getRequestId(req) }),
    attempts: downstreamAttempted,
    events: spanEvents,
    scope: { name: "@aivillage/gateway", version },
    onUnusableProvider: (apiVersion) =>
      logger.warn({ api_version: apiVersion }, "tracer provider is registered with an older @opentelemetry/api"),
  });
}
