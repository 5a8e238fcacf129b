import type { LogLinesLost } from "@aivillage/access-log";
import type { AuthenticationFailed } from "@aivillage/api-key-auth";
import type { ConcurrencyExceeded, DownstreamAttempted, DownstreamUpgraded } from "@aivillage/downstream-proxy";
import type { UploadReceived, UploadRefused } from "@aivillage/file-upload";
import type { BodyMemoryExceeded, ClientDropped, ConnectionLimited } from "@aivillage/http-server";
import type { InputFlagged, InputRefused } from "@aivillage/input-sanitizer";
import { createCounter, createGauge, createHistogram, type Registry } from "@aivillage/metrics";
import type { PenaltyChanged, RateLimitDecided, StoreAvailabilityChanged } from "@aivillage/rate-limit";

import { version } from "../../version.ts";
import { principalName } from "../client-key.ts";
import { breakerStates, type Proxies } from "./breaker-states.ts";

/**
 * The metrics that the gateway derives from the events of the packages, and from the state of the proxies in use. docs/metrics.md
 * describes each.
 */
export function gatewayMetrics(registry: Registry, proxies: () => Proxies) {
  const buildInfo = createGauge({
    name: "gateway_build_info",
    help: "1, with the version as a label.",
    labelNames: ["version"],
    aggregator: "max",
    registry,
  });
  const decisions = createCounter({
    name: "gateway_rate_limit_decisions_total",
    help: "Decisions of the rate limit.",
    labelNames: ["policy", "tier", "decision"],
    registry,
  });
  const principals = createCounter({
    name: "gateway_principal_requests_total",
    help: "Requests of a key or token, by what the rate limit decided.",
    labelNames: ["principal", "decision"],
    registry,
  });
  const penalties = createCounter({
    name: "gateway_rate_limit_penalties_total",
    help: "Clients that came under suspicion.",
    labelNames: ["reason"],
    registry,
  });
  const storeUp = createGauge({
    name: "gateway_rate_limit_store_up",
    help: "1 while the shared store of the rate limit responds, else 0; absent until it has failed once.",
    labelNames: ["store"],
    aggregator: "min",
    registry,
  });
  const connections = createCounter({
    name: "gateway_connection_limits_total",
    help: "Connections that were closed because a limit of the server was reached.",
    labelNames: ["limit", "action"],
    registry,
  });
  const dropped = createCounter({
    name: "gateway_clients_dropped_total",
    help: "Clients that were disconnected because they sent no valid HTTP, or were too slow.",
    labelNames: ["reason"],
    registry,
  });
  const lostLines = createCounter({
    name: "gateway_log_lines_lost_total",
    help: "Log lines that were dropped because standard output took none.",
    registry,
  });
  const reloads = createCounter({
    name: "gateway_config_reloads_total",
    help: "Reloads of the configuration, by what came of them.",
    labelNames: ["outcome"],
    registry,
  });
  const security = createCounter({
    name: "gateway_security_events_total",
    help: "Refused credentials, inputs and uploads.",
    labelNames: ["kind"],
    registry,
  });
  const findings = createCounter({
    name: "gateway_screening_findings_total",
    help: "Requests in which screening found a class of attack, by what happened to them.",
    labelNames: ["outcome", "class"],
    registry,
  });
  const countFindings = (outcome: "refused" | "flagged", message: InputRefused): void => {
    for (const attackClass of new Set(message.findings.map((finding) => finding.class))) findings.inc([outcome, attackClass]);
  };
  const attempts = createCounter({
    name: "gateway_downstream_requests_total",
    help: "Attempts at a service.",
    labelNames: ["service", "outcome"],
    registry,
  });
  const attemptSeconds = createHistogram({
    name: "gateway_downstream_request_duration_seconds",
    help: "Time of an attempt, from the choice of the replica to the last byte.",
    labelNames: ["service"],
    registry,
  });
  /** Those that a configuration has named, so that one which is gone has no open breaker. */
  const services = new Set<string>();
  const breakerOpen = createGauge({
    name: "gateway_downstream_breaker_open",
    help: "1 while the circuit breaker of a service is open, 0.5 while a few requests try it, else 0.",
    labelNames: ["service"],
    aggregator: "max",
    collect: () => {
      for (const service of services) breakerOpen.set([service], 0);
      for (const [service, open] of breakerStates(proxies())) {
        services.add(service);
        breakerOpen.set([service], open);
      }
    },
    registry,
  });
  const webSockets = createGauge({
    name: "gateway_websocket_connections",
    help: "Open WebSocket connections to a service.",
    labelNames: ["service"],
    registry,
  });
  const openWebSockets = new Map<string, number>();
  const countWebSocket = (service: string, change: number): void => {
    const open = (openWebSockets.get(service) ?? 0) + change;
    openWebSockets.set(service, open);
    webSockets.set([service], open);
  };
  const concurrencyRefusals = createCounter({
    name: "gateway_downstream_concurrency_refusals_total",
    help: "Requests refused because their client had too many in progress.",
    labelNames: ["service"],
    registry,
  });
  const bodyMemoryRefusals = createCounter({
    name: "gateway_body_memory_refusals_total",
    help: "Requests refused because bodies in memory were as large as is allowed.",
    labelNames: ["of"],
    registry,
  });
  const uploadBytes = createCounter({
    name: "gateway_upload_bytes_total",
    help: "Bytes of files that were uploaded to the end.",
    registry,
  });
  buildInfo.set([version], 1);

  return {
    rateLimitDecided: ({ req, policy, tier, decision }: RateLimitDecided) => {
      decisions.inc([policy, tier ?? "none", decision]);
      const principal = principalName(req);
      if (principal !== undefined) principals.inc([principal, decision]);
    },
    logLinesLost: ({ lines }: LogLinesLost) => lostLines.inc([], lines),
    reloaded: (outcome: "succeeded" | "failed") => reloads.inc([outcome]),
    connectionLimited: ({ limit, action }: ConnectionLimited) => connections.inc([limit, action]),
    clientDropped: ({ reason }: ClientDropped) => dropped.inc([reason]),
    penaltyChanged: ({ to, reason }: PenaltyChanged) => {
      if (to === "suspicious") penalties.inc([reason]);
    },
    storeAvailabilityChanged: ({ store, available }: StoreAvailabilityChanged) => storeUp.set([store], available ? 1 : 0),
    authenticationFailed: ({ reason }: AuthenticationFailed) => security.inc([`authentication_${reason.replaceAll("-", "_")}`]),
    inputRefused: (message: InputRefused) => {
      security.inc(["input_refused"]);
      countFindings("refused", message);
    },
    inputFlagged: (message: InputFlagged) => {
      security.inc(["input_flagged"]);
      countFindings("flagged", message);
    },
    uploadRefused: ({ reason }: UploadRefused) => security.inc([`upload_${reason.replaceAll("-", "_")}`]),
    uploadReceived: ({ files }: UploadReceived) =>
      uploadBytes.inc(
        [],
        files.reduce((sum, { bytes }) => sum + bytes, 0),
      ),
    downstreamUpgraded: ({ target }: DownstreamUpgraded) => countWebSocket(target, 1),
    downstreamAttempted: ({ target, outcome, status, durationMs }: DownstreamAttempted) => {
      if (status === 101) countWebSocket(target, -1);
      attempts.inc([target, outcome]);
      attemptSeconds.observe([target], durationMs / 1_000);
    },
    bodyMemoryExceeded: ({ of }: BodyMemoryExceeded) => bodyMemoryRefusals.inc([of]),
    concurrencyExceeded: ({ target }: ConcurrencyExceeded) => concurrencyRefusals.inc([target]),
  };
}
