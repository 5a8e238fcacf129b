import type { IncomingMessage } from "node:http";

import { getClientIp, isFromTrustedProxy } from "@aivillage/client-ip";
import { downstreamAttempted } from "@aivillage/downstream-proxy";
import { getRequestId } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";
import { tracing } from "@aivillage/tracing";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { spanEvents } from "../state/telemetry/span-events.ts";
import { version } from "../version.ts";

/** OpenTelemetry spans for requests and attempts, if the operator has registered a tracer provider. */
export function tracingPart(config: GatewayConfig, logger: GatewayLogger) {
  return tracing({
    route: getRoute,
    clientIp: getClientIp,
    isFromTrustedProxy,
    trustIncoming: trustIncoming(config),
    attributes: (req) => ({ "aivillage.request_id": getRequestId(req) }),
    attempts: downstreamAttempted,
    events: spanEvents,
    scope: { name: "@aivillage/gateway", version },
    onUnusableProvider: (apiVersion) =>
      logger.warn({ api_version: apiVersion }, "tracer provider is registered with an older @opentelemetry/api"),
  });
}

const trusts = { everyone: true, proxies: isFromTrustedProxy, nobody: false } as const;

/** Whose `X-Request-Id` and `traceparent` are kept. Mount what uses it after `clientIp()`. */
export function trustIncoming({ server }: GatewayConfig): boolean | ((req: IncomingMessage) => boolean) {
  return trusts[server.trustRequestIds];
}
