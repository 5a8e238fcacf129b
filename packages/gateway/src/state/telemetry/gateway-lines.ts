import { type LogLinesLost, throttleByKind } from "@aivillage/access-log";
import type { AdmissionRefused, AdmissionStoreAvailabilityChanged, LimitAdapted } from "@aivillage/admission";
import type { JwkSetChanged } from "@aivillage/api-key-auth";
import type { ForwardingHeaderIgnored } from "@aivillage/client-ip";
import type { BreakerChanged, ConcurrencyExceeded, DownstreamAttempted, ReplicaChanged } from "@aivillage/downstream-proxy";
import type { ServiceStatusChanged } from "@aivillage/health-cascade";
import type { BodyMemoryExceeded, ClientDropped, ConnectionLimited } from "@aivillage/http-server";
import type { InputFlagged, InputRefused } from "@aivillage/input-sanitizer";
import type { SeriesLimitReached } from "@aivillage/metrics";
import type { ProblemSent } from "@aivillage/problem-details";
import type { PenaltyChanged, StoreAvailabilityChanged, StoreEntriesRepaired } from "@aivillage/rate-limit";
import { getRequestId } from "@aivillage/request-id";

import type { GatewayLogger } from "../../dependencies.ts";
import { readClientKey } from "../client-key.ts";

const failures = new Set<DownstreamAttempted["outcome"]>(["server_error", "connect_error", "timeout", "reset", "refused"]);

/** True for an attempt that failed for a reason other than the client. */
export function isFailure({ outcome }: DownstreamAttempted): boolean {
  return failures.has(outcome);
}

const proxyRemedy =
  "if this peer is your proxy or load balancer, set TRUSTED_PROXIES to its address: until then all its clients count as one. " +
  "If it is a client, nothing is to be done: its header is ignored";
const protocolRemedy = "this port takes HTTP/1.1 without TLS and PROXY protocol: set your proxy or load balancer to that";
const repairRemedy = "find out what else writes to this Redis: give the gateways one of their own, with a password";

/**
 * The log lines that the gateway derives from events, beside the access log. Of what a client sends, only who it is stands in them: its
 * address, and the id of its key or the subject of its token once that is verified.
 */
export function gatewayLines(logger: GatewayLogger) {
  const inputLine = ({ req, location, findings }: InputRefused) => ({ request_id: getRequestId(req), location, findings });
  /** The access line of each request says how its last attempt failed, so this line is about the service. */
  const serviceFailed = throttleByKind(
    ({ target, origin, outcome, reason, status }: DownstreamAttempted) => `${target} ${origin} ${outcome} ${reason} ${status}`,
    ({ req, target, origin, outcome, reason, status, durationMs }, times) => {
      const took = { duration_ms: Math.round(durationMs), failures: times };
      logger.warn({ request_id: getRequestId(req), service: target, origin, outcome, reason, status, ...took }, "service failed");
    },
  );
  /** Kinds of entries for which a warning was given: a client may write bad ones many times a second. */
  const repaired = new Set<StoreEntriesRepaired["kind"]>();
  return {
    /** Once until the configuration changes: it is how a whole front end becomes one client. */
    forwardingHeaderIgnored: ({ peer, header }: ForwardingHeaderIgnored) =>
      logger.warn({ peer, header, remedy: proxyRemedy }, "forwarding header from an untrusted peer ignored"),
    inputRefused: (message: InputRefused) => logger.warn(inputLine(message), "input refused"),
    inputFlagged: (message: InputFlagged) => logger.info(inputLine(message), "input flagged"),
    downstreamAttempted: (attempt: DownstreamAttempted) => {
      if (isFailure(attempt)) serviceFailed(attempt);
    },
    concurrencyExceeded: throttleByKind(
      ({ target, client }: ConcurrencyExceeded) => `${target} ${client}`,
      ({ target, client, count, limit }, refused) =>
        logger.warn({ service: target, client, in_progress: count, limit, refused }, "client has too many concurrent requests"),
    ),
    bodyMemoryExceeded: throttleByKind(
      ({ client, of }: BodyMemoryExceeded) => `${client} ${of}`,
      ({ client, of, bytes }, refused) => logger.warn({ client, of, bytes, refused }, "bodies take too much memory"),
    ),
    logLinesLost: ({ lines }: LogLinesLost) =>
      logger.warn({ lines, remedy: "what reads standard output is too slow or was gone, or its disk is full" }, "log lines were lost"),
    admissionRefused: throttleByKind(
      ({ limit, reason }: AdmissionRefused) => `${limit} ${reason}`,
      ({ limit, of, reason }, refused) => logger.warn({ limit, of, reason, refused }, "no free slot"),
    ),
    admissionStoreAvailabilityChanged: ({ store, available, reason }: AdmissionStoreAvailabilityChanged) => {
      if (available) logger.info({ store }, "slot store is back");
      else logger.error({ store, reason }, "slot store is down");
    },
    limitAdapted: ({ limit, from, to, reason }: LimitAdapted) => {
      const level = reason === "backpressure" ? "warn" : "debug";
      logger[level]({ limit, from, to, reason }, "concurrency limit adapted");
    },
    breakerChanged: ({ target, from, to }: BreakerChanged) => logger.warn({ service: target, from, to }, "circuit breaker changed"),
    replicaChanged: ({ target, origin, to, ejectedMs }: ReplicaChanged) =>
      logger.warn({ service: target, origin, to, ejected_ms: ejectedMs }, "replica changed"),
    problemSent: ({ req, problem, error }: ProblemSent) => {
      // An error that is not an HTTP problem is a bug of this program. Only those stacks are worth keeping.
      if (problem.status === 500) logger.error({ request_id: getRequestId(req), err: error }, "unexpected error");
    },
    serviceStatusChanged: ({ service, from, to, error }: ServiceStatusChanged) => {
      const line = { service, from, to, error };
      if (to === "healthy") logger.info(line, "service is healthy");
      else logger.error(line, "service is unhealthy");
    },
    connectionLimited: throttleByKind(
      ({ limit, action }: ConnectionLimited) => `${limit} ${action}`,
      ({ limit, action }, count) => logger.warn({ limit, action, connections: count }, "connection limit reached"),
    ),
    /** What was no request has no access line. A slow client is its own affair; one that speaks another protocol may be a front end. */
    clientDropped: throttleByKind(
      ({ reason, protocol }: ClientDropped) => `${reason} ${protocol}`,
      ({ reason, protocol, address }, clients) => {
        const line = { reason, peer: address, clients, ...(protocol !== undefined && { protocol, remedy: protocolRemedy }) };
        logger[reason === "malformed" ? "warn" : "info"](line, "client disconnected");
      },
    ),
    penaltyChanged: ({ key, client, from, to, reason, durationMs }: PenaltyChanged) =>
      logger.warn({ ...readClientKey(key), client, from, to, reason, duration_ms: durationMs }, "penalty changed"),
    storeAvailabilityChanged: ({ store, available, outage, reason }: StoreAvailabilityChanged) => {
      if (available) logger.info({ store }, "rate limit store is back");
      else logger.error({ store, outage, reason }, "rate limit store is down");
    },
    storeEntriesRepaired: ({ store, kind, entries }: StoreEntriesRepaired) => {
      const level = repaired.has(kind) ? "debug" : "warn";
      repaired.add(kind);
      logger[level]({ store, kind, entries, remedy: repairRemedy }, "invalid entries in the rate limit store repaired");
    },
    jwkSetChanged: ({ source, state, keys, reason }: JwkSetChanged) => {
      if (state === "loaded") logger.info({ source, keys }, "token keys loaded");
      else logger.error({ source, reason }, "token keys cannot be loaded; loading is retried with further tokens");
    },
    seriesLimitReached: ({ metric, maxSeries }: SeriesLimitReached) =>
      logger.warn({ metric, max_series: maxSeries }, "metric has reached its number of series"),
  };
}
