import { logLinesLost } from "@aivillage/access-log";
import {
  admissionRefused,
  admissionStoreAvailabilityChanged,
  limitAdapted,
  requestAdmitted,
  waitingClientLeft,
} from "@aivillage/admission";
import { aiCallEnded } from "@aivillage/ai-call";
import { authenticationFailed, jwkSetChanged } from "@aivillage/api-key-auth";
import { forwardingHeaderIgnored } from "@aivillage/client-ip";
import { breakerChanged, concurrencyExceeded, downstreamAttempted, downstreamUpgraded, replicaChanged } from "@aivillage/downstream-proxy";
import { uploadReceived, uploadRefused } from "@aivillage/file-upload";
import type { HealthCascade } from "@aivillage/health-cascade";
import { bodyMemoryExceeded, type ClientDropped, type ConnectionLimited } from "@aivillage/http-server";
import { inputFlagged, inputRefused } from "@aivillage/input-sanitizer";
import { type Registry, seriesLimitReached } from "@aivillage/metrics";
import { type OwnRequests, ownRequests, type SubscribeOwn } from "@aivillage/middleware";
import { problemSent } from "@aivillage/problem-details";
import { penaltyChanged, rateLimitDecided, storeAvailabilityChanged, storeEntriesRepaired } from "@aivillage/rate-limit";
import type { DecidedBudget } from "@aivillage/token-budget";

import type { GatewayLogger } from "../../dependencies.ts";
import type { NoteSource } from "../note-source.ts";
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
import { type OffenceReports, reportOffences } from "./report-offences.ts";
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
import { ServicesInForce } from "./services-in-force.ts";

/** What a gateway has that events are about. */
interface Observed {
  readonly counts: Counts;
  readonly slots: Slots;
  /** Whether each decision about a request has a line at DEBUG from the start on. */
  readonly logsDecisions: boolean;
  readonly noteSource: NoteSource;
  /** Path of the audit log; empty for none. */
  readonly auditFile: string;
}

/** Subscribes to the events of the packages for one gateway. */
export interface Observer extends Pick<OwnRequests, "mark" | "owns">, Pick<OffenceReports, "exempt"> {
  /** Closes the previous cascade, and names the one whose events and results are this gateway's, and the proxies whose breakers are shown. */
  watch(health: HealthCascade, proxies: Proxies): void;
  /** Whether each decision about a request has a line at DEBUG. */
  logDecisions(isRequested: boolean): void;
  /** Starts the probes of the cascade in force, and of all that follow. */
  startProbes(): void;
  /** Counts and logs a limit of the server that was reached. */
  readonly connectionLimited: (reached: ConnectionLimited) => void;
  /** Counts and logs a client that the server has disconnected. */
  readonly clientDropped: (dropped: ClientDropped) => void;
  /** Counts and logs a problem with a key that the gateway has sent to a service. */
  readonly keyProblem: (found: KeyProblem) => void;
  /** Shows how budgets stand after an operator has changed them. */
  readonly budgetsChanged: (budgets: readonly DecidedBudget[]) => void;
  /** Counts a reload. */
  readonly reloaded: (outcome: "succeeded" | "failed") => void;
  close(): void;
}

/**
 * Turns the events of the packages into metrics and log lines, and reports bad keys and blocked input to the penalties.
 *
 * Channels are shared by the whole process, so an event of a request that passed another gateway, or no gateway, is left out.
 */
export function observe(
  registry: Registry,
  logger: GatewayLogger,
  { counts, slots, logsDecisions, noteSource, auditFile }: Observed,
): Observer {
  const { mark, owns, subscribe } = ownRequests();
  const services = new ServicesInForce();
  const metrics = gatewayMetrics(registry, () => services.proxies);
  const ai = aiMetrics(registry);
  serviceGauges(registry, () => services.healthForScrape());
  const admissions = admissionMetrics(registry, slots);
  const lines = gatewayLines(logger);
  const ends: (() => void)[] = [];

  const on: SubscribeOwn = (...subscription) => {
    const end = subscribe(...subscription);
    ends.push(end);
    return end;
  };

  let endDecisions: (() => void) | undefined;
  const setDecisions = (isRequested: boolean): void => {
    endDecisions?.();
    endDecisions = isRequested ? logDecisions(subscribe, logger) : undefined;
  };
  setDecisions(logsDecisions);
  const offences = reportOffences(counts.penalties, subscribe);
  on(rateLimitDecided, noteLimit, metrics.rateLimitDecided);
  on(authenticationFailed, noteFailedAuthentication, metrics.authenticationFailed);
  on(inputRefused, noteRefused, metrics.inputRefused, lines.inputRefused);
  on(inputFlagged, noteFlagged, metrics.inputFlagged, lines.inputFlagged);
  on(uploadReceived, metrics.uploadReceived);
  on(uploadRefused, noteRefusedUpload, metrics.uploadRefused);
  on(downstreamAttempted, noteAttempt, metrics.downstreamAttempted, lines.downstreamAttempted);
  on(downstreamUpgraded, metrics.downstreamUpgraded);
  on(concurrencyExceeded, metrics.concurrencyExceeded, lines.concurrencyExceeded);
  on(bodyMemoryExceeded, metrics.bodyMemoryExceeded, lines.bodyMemoryExceeded);
  on(aiCallEnded, ai.aiCallEnded);
  on(requestAdmitted, admissions.requestAdmitted);
  on(admissionRefused, admissions.admissionRefused, lines.admissionRefused);
  on(waitingClientLeft, admissions.waitingClientLeft);
  on(forwardingHeaderIgnored, lines.forwardingHeaderIgnored);
  on(breakerChanged, lines.breakerChanged);
  on(replicaChanged, lines.replicaChanged);
  on(problemSent, noteProblem, lines.problemSent);
  ends.push(services.subscribe(lines.serviceStatusChanged));
  ends.push(penaltyChanged.subscribe(metrics.penaltyChanged), penaltyChanged.subscribe(lines.penaltyChanged));
  ends.push(storeAvailabilityChanged.subscribe(metrics.storeAvailabilityChanged));
  ends.push(storeAvailabilityChanged.subscribe(lines.storeAvailabilityChanged));
  ends.push(storeEntriesRepaired.subscribe(lines.storeEntriesRepaired));
  ends.push(
    admissionStoreAvailabilityChanged.subscribe(lines.admissionStoreAvailabilityChanged),
    limitAdapted.subscribe(lines.limitAdapted),
  );
  const budgets = observeBudgets(registry, logger, subscribe);
  ends.push(budgets.close);
  ends.push(observeAudit(registry, logger, subscribe, auditFile));
  ends.push(jwkSetChanged.subscribe(lines.jwkSetChanged));
  ends.push(logLinesLost.subscribe(metrics.logLinesLost), logLinesLost.subscribe(lines.logLinesLost));
  ends.push(seriesLimitReached.subscribe(lines.seriesLimitReached));

  return {
    mark,
    owns,
    keyProblem: keyProblems(registry, logger),
    reloaded: (outcome) => {
      metrics.reloaded(outcome);
      noteSource("configuration", outcome === "failed");
    },
    connectionLimited: (reached) => {
      metrics.connectionLimited(reached);
      lines.connectionLimited(reached);
    },
    clientDropped: (dropped) => {
      metrics.clientDropped(dropped);
      lines.clientDropped(dropped);
    },
    budgetsChanged: budgets.changed,
    watch: (health, proxies) => services.use(health, proxies),
    logDecisions: setDecisions,
    startProbes: () => services.startProbes(),
    exempt: (isExempt) => offences.exempt(isExempt),
    close: () => {
      setDecisions(false);
      offences.close();
      for (const end of ends) end();
    },
  };
}
