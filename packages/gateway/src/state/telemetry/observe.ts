import type { IncomingMessage } from "node:http";

import { logLinesLost } from "@aivillage/access-log";
import { admissionRefused, admissionStoreChanged, limitAdapted, requestAdmitted, waitingClientLeft } from "@aivillage/admission";
import { aiCallEnded } from "@aivillage/ai-call";
import { authenticationFailed, isGuess, jwkSetChanged } from "@aivillage/api-key-auth";
import { forwardingHeaderIgnored } from "@aivillage/client-ip";
import { breakerChanged, concurrencyExceeded, downstreamAttempted, downstreamUpgraded, replicaChanged } from "@aivillage/downstream-proxy";
import { uploadReceived, uploadRefused } from "@aivillage/file-upload";
import { type HealthCascade, type ServiceStatusChanged, serviceStatusChanged } from "@aivillage/health-cascade";
import type { ConnectionLimited } from "@aivillage/http-server";
import { inputFlagged, inputRefused } from "@aivillage/input-sanitizer";
import { type Registry, seriesLimitReached } from "@aivillage/metrics";
import { type Event, type Handler, requestValue } from "@aivillage/middleware";
import { problemSent } from "@aivillage/problem-details";
import { penaltyChanged, rateLimitDecided, storeAvailabilityChanged, storeEntriesRepaired } from "@aivillage/rate-limit";

import type { GatewayLogger } from "../../dependencies.ts";
import { clientKey } from "../client-key.ts";
import type { Counts } from "../rate-limit-store.ts";
import type { Slots } from "../slots.ts";
import { admissionMetrics } from "./admission-metrics.ts";
import { aiMetrics } from "./ai-metrics.ts";
import type { Proxies } from "./breaker-states.ts";
import { logDecisions } from "./decision-lines.ts";
import { gatewayLines } from "./gateway-lines.ts";
import { gatewayMetrics } from "./gateway-metrics.ts";
import { type KeyProblem, keyProblems } from "./key-problems.ts";
import { observeAudit } from "./observe-audit.ts";
import { observeBudgets } from "./observe-budgets.ts";
import {
  noteAttempt,
  noteFailedAuthentication,
  noteFlagged,
  noteLimit,
  noteProblem,
  noteRefused,
  noteRefusedUpload,
} from "./request-notes.ts";
import { serviceGauges } from "./service-gauges.ts";

const owner = requestValue<object>("@aivillage/gateway.owner");

/** What a gateway has that events are about. */
interface Observed {
  readonly counts: Counts;
  readonly slots: Slots;
  readonly logsDecisions: boolean;
  /** Path of the audit log; empty for none. */
  readonly auditFile: string;
}

/** Subscribes to the events of the packages for one gateway. */
export interface Observer {
  /** Marks a request as this gateway's. Mount it first. */
  readonly mark: Handler;
  /** True for a request that was marked. */
  readonly owns: (req: IncomingMessage) => boolean;
  /** Closes the previous cascade, and names the one whose events and results are this gateway's, and the proxies whose breakers are shown. */
  watch(health: HealthCascade, proxies: Proxies): void;
  /** Whether each decision about a request has a line at DEBUG. */
  logDecisions(isWanted: boolean): void;
  /** Starts the probes of the cascade in force, and of all that follow. */
  startProbes(): void;
  /** Says whose requests are not reported to the penalties. */
  exempt(isExempt: (req: IncomingMessage) => boolean): void;
  /** Counts and logs a limit of the server that was reached. */
  readonly connectionLimited: (reached: ConnectionLimited) => void;
  /** Counts and logs a problem with a key that the gateway has sent to a service. */
  readonly keyProblem: (found: KeyProblem) => void;
  /** Counts a reload. */
  readonly reloaded: (outcome: "succeeded" | "failed") => void;
  close(): void;
}

/**
 * Turns the events of the packages into metrics and log lines, and reports bad keys and blocked input to the penalties.
 *
 * `logsDecisions`: whether each decision about a request has a line at DEBUG.
 *
 * Channels are shared by the whole process, so an event of a request that passed another gateway, or no gateway, is left out.
 */
export function observe(registry: Registry, logger: GatewayLogger, { counts, slots, logsDecisions, auditFile }: Observed): Observer {
  const { penalties } = counts;
  const self = {};
  const metrics = gatewayMetrics(registry, () => proxies);
  const ai = aiMetrics(registry);
  serviceGauges(registry, healthForScrape);
  const admissions = admissionMetrics(registry, slots);
  const lines = gatewayLines(logger);
  const ends: (() => void)[] = [];
  let proxies: Proxies = [];
  let health: HealthCascade | undefined;
  let isProbing = false;
  let isExempt = (_req: IncomingMessage): boolean => false;

  const owns = (req: IncomingMessage): boolean => owner.get(req) === self;

  function ofOwn<T extends { req: IncomingMessage }>(source: Event<T>, ...listeners: readonly ((message: T) => void)[]): () => void {
    return source.subscribe((message: T): void => {
      if (owns(message.req)) for (const listener of listeners) listener(message);
    });
  }

  function on<T extends { req: IncomingMessage }>(source: Event<T>, ...listeners: readonly ((message: T) => void)[]): void {
    ends.push(ofOwn(source, ...listeners));
  }

  function ofHealth(message: ServiceStatusChanged): void {
    if (message.source === health) lines.serviceStatusChanged(message);
  }

  function startProbes(): void {
    isProbing = true;
    health?.start();
  }

  /** A scrape is the first that asks where nobody started the gateway's probes. */
  function healthForScrape(): HealthCascade | undefined {
    startProbes();
    return health;
  }

  function report(req: IncomingMessage, reason: string): void {
    if (!isExempt(req)) penalties.report(clientKey(req), 1, reason);
  }

  let endDecisions: (() => void) | undefined;
  const setDecisions = (isWanted: boolean): void => {
    endDecisions?.();
    endDecisions = isWanted ? logDecisions(ofOwn, logger) : undefined;
  };
  setDecisions(logsDecisions);
  on(rateLimitDecided, noteLimit, metrics.rateLimitDecided);
  on(authenticationFailed, noteFailedAuthentication, metrics.authenticationFailed, ({ req, reason }) => {
    if (isGuess(reason)) report(req, "authentication");
  });
  on(inputRefused, noteRefused, metrics.inputRefused, lines.inputRefused, ({ req, isCertain }) => {
    if (isCertain) report(req, "input");
  });
  on(inputFlagged, noteFlagged, metrics.inputFlagged, lines.inputFlagged);
  on(uploadReceived, metrics.uploadReceived);
  on(uploadRefused, noteRefusedUpload, metrics.uploadRefused);
  on(downstreamAttempted, noteAttempt, metrics.downstreamAttempted, lines.downstreamAttempted);
  on(downstreamUpgraded, metrics.downstreamUpgraded);
  on(concurrencyExceeded, metrics.concurrencyExceeded, lines.concurrencyExceeded);
  on(aiCallEnded, ai.aiCallEnded);
  on(requestAdmitted, admissions.requestAdmitted);
  on(admissionRefused, admissions.admissionRefused, lines.admissionRefused);
  on(waitingClientLeft, admissions.waitingClientLeft);
  on(forwardingHeaderIgnored, lines.forwardingHeaderIgnored);
  on(breakerChanged, lines.breakerChanged);
  on(replicaChanged, lines.replicaChanged);
  on(problemSent, noteProblem, lines.problemSent);
  ends.push(serviceStatusChanged.subscribe(ofHealth));
  ends.push(penaltyChanged.subscribe(metrics.penaltyChanged), penaltyChanged.subscribe(lines.penaltyChanged));
  ends.push(storeAvailabilityChanged.subscribe(metrics.storeAvailabilityChanged));
  ends.push(storeAvailabilityChanged.subscribe(lines.storeAvailabilityChanged));
  ends.push(storeEntriesRepaired.subscribe(lines.storeEntriesRepaired));
  ends.push(admissionStoreChanged.subscribe(lines.admissionStoreChanged), limitAdapted.subscribe(lines.limitAdapted));
  ends.push(observeBudgets(registry, logger, ofOwn));
  ends.push(observeAudit(registry, logger, ofOwn, auditFile));
  ends.push(jwkSetChanged.subscribe(lines.jwkSetChanged));
  ends.push(logLinesLost.subscribe(metrics.logLinesLost), logLinesLost.subscribe(lines.logLinesLost));
  ends.push(seriesLimitReached.subscribe(lines.seriesLimitReached));

  return {
    mark: function markHandler(req, _res, next) {
      owner.set(req, self);
      next();
    },
    owns,
    keyProblem: keyProblems(registry, logger),
    reloaded: metrics.reloaded,
    connectionLimited: (reached) => {
      metrics.connectionLimited(reached);
      lines.connectionLimited(reached);
    },
    watch: (cascade, inUse) => {
      if (isProbing) cascade.start();
      // Streams may go on by the previous configuration for hours; its probes need not.
      if (health !== cascade) health?.close();
      health = cascade;
      proxies = inUse;
    },
    logDecisions: setDecisions,
    startProbes,
    exempt: (next) => {
      isExempt = next;
    },
    close: () => {
      setDecisions(false);
      for (const end of ends) end();
    },
  };
}
