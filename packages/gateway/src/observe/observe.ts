import type { IncomingMessage } from "node:http";

import { authenticationFailed, type FailureReason } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { breakerChanged, downstreamAttempted, replicaChanged } from "@aivillage/downstream-proxy";
import { uploadReceived, uploadRefused } from "@aivillage/file-upload";
import { type HealthCascade, healthChecked, serviceStatusChanged } from "@aivillage/health-cascade";
import { inputFlagged, inputRefused } from "@aivillage/input-sanitizer";
import { type Registry, seriesLimitReached } from "@aivillage/metrics";
import { type Event, type Handler, requestValue } from "@aivillage/middleware";
import { problemAnswered } from "@aivillage/problem-details";
import { ipKey, penaltyChanged, rateLimitDecided, storeAvailabilityChanged } from "@aivillage/rate-limit";

import type { GatewayLogger } from "../dependencies.ts";
import type { Counts } from "../parts/counts.ts";
import { gatewayLines } from "./gateway-lines.ts";
import { gatewayMetrics } from "./gateway-metrics.ts";

/** What a client that tries keys is refused for. Having none, an old one, or one without the scope is no guess. */
const guesses: ReadonlySet<FailureReason> = new Set(["unknown", "malformed", "bad-token"]);

const owner = requestValue<object>("@aivillage/gateway.owner");

/** Hears the events of the packages for one gateway. */
export interface Observer {
  /** Marks a request as this gateway's. Mount it first. */
  readonly mark: Handler;
  /** True for a request that was marked. */
  readonly owns: (req: IncomingMessage) => boolean;
  /** Names the cascade whose events are this gateway's. */
  watch(health: HealthCascade): void;
  close(): void;
}

/**
 * Turns the events of the packages into metrics and log lines, and reports bad keys and blocked input to the penalties.
 *
 * Channels are shared by the whole process, so an event of a request that passed another gateway, or no gateway, is left out.
 */
export function observe(registry: Registry, logger: GatewayLogger, { penalties }: Counts): Observer {
  const self = {};
  const metrics = gatewayMetrics(registry);
  const lines = gatewayLines(logger);
  const ends: (() => void)[] = [];
  let health: HealthCascade | undefined;

  const owns = (req: IncomingMessage): boolean => owner.get(req) === self;

  function on<T extends { req: IncomingMessage }>(source: Event<T>, ...listeners: readonly ((message: T) => void)[]): void {
    const hear = (message: T): void => {
      if (owns(message.req)) for (const listener of listeners) listener(message);
    };
    ends.push(source.subscribe(hear));
  }

  function ofHealth<T extends { source: HealthCascade }>(source: Event<T>, ...listeners: readonly ((message: T) => void)[]): void {
    const hear = (message: T): void => {
      if (message.source === health) for (const listener of listeners) listener(message);
    };
    ends.push(source.subscribe(hear));
  }

  on(rateLimitDecided, metrics.rateLimitDecided);
  on(authenticationFailed, metrics.authenticationFailed, ({ req, reason }) => {
    if (guesses.has(reason)) penalties.report(ipKey(getClientIp(req)), 1, "authentication");
  });
  on(inputRefused, metrics.inputRefused, lines.inputRefused, ({ req }) => penalties.report(ipKey(getClientIp(req)), 1, "input"));
  on(inputFlagged, metrics.inputFlagged, lines.inputFlagged);
  on(uploadReceived, metrics.uploadReceived);
  on(uploadRefused, metrics.uploadRefused);
  on(downstreamAttempted, metrics.downstreamAttempted, lines.downstreamAttempted);
  on(breakerChanged, metrics.breakerChanged, lines.breakerChanged);
  on(replicaChanged, lines.replicaChanged);
  on(problemAnswered, lines.problemAnswered);
  ofHealth(healthChecked, metrics.healthChecked, lines.healthChecked);
  ofHealth(serviceStatusChanged, metrics.serviceStatusChanged, lines.serviceStatusChanged);
  ends.push(penaltyChanged.subscribe(metrics.penaltyChanged), penaltyChanged.subscribe(lines.penaltyChanged));
  ends.push(storeAvailabilityChanged.subscribe(metrics.storeAvailabilityChanged));
  ends.push(storeAvailabilityChanged.subscribe(lines.storeAvailabilityChanged));
  ends.push(seriesLimitReached.subscribe(lines.seriesLimitReached));

  return {
    mark: function markHandler(req, _res, next) {
      owner.set(req, self);
      next();
    },
    owns,
    watch: (cascade) => {
      health = cascade;
    },
    close: () => {
      for (const end of ends) end();
    },
  };
}
