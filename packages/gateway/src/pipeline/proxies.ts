import type { IncomingMessage } from "node:http";

import { getClientIp, isFromTrustedProxy } from "@aivillage/client-ip";
import type { DownstreamProxyOptions, TargetOptions } from "@aivillage/downstream-proxy";
import { getUpload } from "@aivillage/file-upload";
import { getInput } from "@aivillage/input-sanitizer";
import { getRequestId, getTraceContext } from "@aivillage/request-id";
import { attemptTracing } from "@aivillage/tracing";

import { affinityOptions, connectionOptions, targetOptions } from "../config/options/target-options.ts";
import { type ServiceName, urlsOf } from "../config/settings/built-in-services.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { type TargetConfig, targetOf } from "../config/settings/target-config.ts";
import { clientKey, principalName } from "../state/client-key.ts";

/** The body as it was checked: word for word, or rewritten where checking changed it. */
export const checkedJson = (req: IncomingMessage) => {
  const input = getInput(req);
  return { contentType: "application/json", body: input?.bytes ?? JSON.stringify(input?.body) };
};

/** A streamed chat holds its connection for as long as it lasts, so there must be more of them than streams at a busy time. */
const connectionsPerOrigin = 2_048;

/** What the built-in services need of a client's request: the gateway writes body, trace and request id itself. */
const neededHeaders = [
  "Accept",
  "Accept-Encoding",
  "Accept-Language",
  "Baggage",
  "Cache-Control",
  "Idempotency-Key",
  "Last-Event-ID",
  "Prefer",
  "User-Agent",
];

/**
 * One time for the head of a response, for silence within it, and for all of it.
 *
 * Requests that hang end one timeout after another, so the window for failures is as long: within a shorter one too few would come together.
 */
export function timeoutOptions(seconds: number) {
  const ms = seconds * 1_000;
  return { headersTimeoutMs: ms, idleTimeoutMs: ms, responseTimeoutMs: ms, failureWindow: { windowMs: Math.max(10_000, ms) } };
}

/** What the proxies to all services have in common. */
export function commonOptions({ timeouts, breaker, headers, server, via }: GatewayConfig): DownstreamProxyOptions {
  return {
    forwardHeaders: headers.forward,
    forwardTrustedHeaders: headers.forwardTrusted,
    passResponseHeaders: headers.passResponse,
    connections: connectionsPerOrigin,
    ...(via !== "" && { viaName: via }),
    ...timeoutOptions(timeouts.requestSeconds),
    maxStreamMs: timeouts.maxStreamSeconds * 1_000,
    maxConcurrentPerClient: server.maxConcurrentPerClient,
    failureStatuses: breaker.failureStatuses,
    client: clientKey,
    principal: principalName,
    clientIp: getClientIp,
    isFromTrustedProxy,
    ...attemptTracing(),
    headers: (req) => {
      const trace = getTraceContext(req);
      return { "x-request-id": getRequestId(req), traceparent: trace?.traceparent, tracestate: trace?.tracestate };
    },
  };
}

/** How the gateway talks to a service. */
export function targetServiceOptions(target: TargetConfig | undefined, { auth }: GatewayConfig): Partial<DownstreamProxyOptions> {
  return { ...connectionOptions(target), ...affinityOptions(target?.affinity, auth, clientKey) };
}

/** A built-in service gets the headers that it needs, and those that the configuration lists. */
function builtInOptions(config: GatewayConfig, name: ServiceName): DownstreamProxyOptions {
  return {
    ...commonOptions(config),
    forwardHeaders: [...neededHeaders, ...config.headers.forward],
    forwardUnlisted: false,
    ...targetServiceOptions(targetOf(config.targets, name), config),
  };
}

function builtInTarget({ services, targets }: GatewayConfig, name: ServiceName, path: string): TargetOptions {
  return targetOptions({ name, urls: urlsOf(services, name), path }, targetOf(targets, name));
}

/** Queries go to the agent controller, and to the knowledge system when that is down; the response says which it was. */
export function queryProxy(config: GatewayConfig): DownstreamProxyOptions {
  const agentController = builtInTarget(config, "agent_controller", "/v1/query");
  const knowledgeSystem = builtInTarget(config, "knowledge_system", "/v1/query");
  const { agentProxy } = config.features;
  return {
    ...builtInOptions(config, agentProxy ? "agent_controller" : "knowledge_system"),
    targets: agentProxy ? [agentController, knowledgeSystem] : [knowledgeSystem],
    // It has one response, and no stream.
    maxStreamMs: config.timeouts.requestSeconds * 1_000,
    body: checkedJson,
    mergeJson: (_req, { target, durationMs }) => ({
      processing_time_ms: Math.round(durationMs * 10) / 10,
      routed_via: target === "agent_controller" ? "agent_controller" : "knowledge_system_direct",
    }),
  };
}

/** Chat goes to the twin; server-sent events pass as they are made. */
export function chatProxy(config: GatewayConfig): DownstreamProxyOptions {
  return {
    ...builtInOptions(config, "twin"),
    targets: [builtInTarget(config, "twin", "/v1/chat")],
    body: checkedJson,
  };
}

/** Uploads go to the knowledge system, in the form that the gateway wrote itself. */
export function uploadProxy(config: GatewayConfig): DownstreamProxyOptions {
  return {
    ...builtInOptions(config, "knowledge_system"),
    targets: [builtInTarget(config, "knowledge_system", "/v1/upload")],
    body: getUpload,
    mergeJson: (req) => {
      const done = getUpload(req)?.completed;
      // A service may respond before the upload has ended.
      if (done === undefined) return {};
      const size = done.files.reduce((sum, { bytes }) => sum + bytes, 0);
      return { gateway_processed_size: size, gateway_sha256: done.files[0]?.sha256 };
    },
  };
}
