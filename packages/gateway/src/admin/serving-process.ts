import type { Server } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";

import type { Activity, ActivityReport, ActivityRequest } from "@aivillage/console";
import type { Fleet } from "@aivillage/http-server";
import type { Penalty } from "@aivillage/rate-limit";
import type { AccountFilter } from "@aivillage/token-budget";

import type { Gateway, ServicesReport } from "../gateway.ts";
import type { LogLevel } from "../state/log-level.ts";
import { penaltyTarget } from "../state/penalty-target.ts";
import type { SlotCount } from "../state/slots.ts";
import { type BudgetChange, type BudgetReply, changeBudgets, fromShown, listBudgets, type ShownBudget } from "./change-budgets.ts";
import { gatewayActivity } from "./gateway-activity.ts";

/** A process that serves clients, as it shows itself to the operator. */
export interface ProcessReport {
  readonly pid: number;
  /** Its number in `node:cluster`; 0 without workers. */
  readonly worker: number;
  readonly uptime_seconds: number;
  readonly memory: { readonly rss_bytes: number; readonly heap_used_bytes: number };
  /** Of the last minute at most, in milliseconds. */
  readonly event_loop_delay_ms: { readonly mean: number; readonly p99: number; readonly max: number };
  /** Connections of clients. */
  readonly connections: number;
  readonly requests_in_flight: number;
  readonly open_streams: number;
  readonly log_level: LogLevel | null;
  readonly services: ServicesReport;
  readonly slots: readonly SlotCount[];
}

/** What the admin listener asks of each process that serves. What goes in and out can be sent to another process. */
export interface ServingProcess {
  report(): Promise<ProcessReport>;
  /** @returns false if the logger has no level */
  setLogLevel(level: LogLevel): boolean;
  penalties(): Penalty[];
  /** @returns the keys of the clients whose penalties ended */
  clearPenalties(client: string): string[];
  budgets(filter: AccountFilter): Promise<BudgetReply>;
  /** Changes budgets that all processes share: call it in one. */
  changeBudgets(change: BudgetChange): Promise<BudgetReply>;
  /** Shows in the metrics what another process may have changed. */
  budgetsChanged(budgets: readonly ShownBudget[]): void;
  /** Ends the penalty of one client, by its name in `penaltyChanged`. @returns whether it had one */
  clearPenalty(client: string): boolean;
  /** What the console shows of this process. */
  activity(request: ActivityRequest): Promise<ActivityReport>;
  /** @returns whether there is such a replica */
  setDraining(replica: string, isDraining: boolean): boolean;
}

/** All processes that serve clients. */
export type ServingFleet = Fleet<ServingProcess>;

const loopWindowMs = 60_000;

/** Makes the operator's view of a gateway and of the server in front of it. */
export function servingProcess(gateway: Gateway, server: Server, worker: number): ServingProcess & { close(): void } {
  // Samples as often as prom-client does, which empties its own at each scrape.
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  const timer = setInterval(() => delays.reset(), loopWindowMs).unref();
  const activity: Activity = gatewayActivity(gateway, worker);
  return {
    report: async () => {
      const { rss, heapUsed } = process.memoryUsage();
      return {
        pid: process.pid,
        worker,
        uptime_seconds: Math.floor(process.uptime()),
        memory: { rss_bytes: rss, heap_used_bytes: heapUsed },
        event_loop_delay_ms: { mean: toMs(delays.mean), p99: toMs(delays.percentile(99)), max: toMs(delays.max) },
        connections: await connectionsOf(server),
        requests_in_flight: await gaugeOf(gateway, "gateway_requests_in_flight"),
        open_streams: await gaugeOf(gateway, "gateway_open_streams"),
        log_level: gateway.logLevel ?? null,
        services: await gateway.services(),
        slots: gateway.slots(),
      };
    },
    setLogLevel: (level) => gateway.setLogLevel(level),
    penalties: () => gateway.penalties.list(),
    clearPenalties: (client) => {
      const target = penaltyTarget(client);
      const keys = gateway.penalties.list().flatMap(({ key }) => (target?.includes(key) === true ? key : []));
      return keys.filter((key) => gateway.penalties.clear(key));
    },
    budgets: (filter) => listBudgets(gateway.budgets, filter),
    changeBudgets: (change) => changeBudgets(gateway.budgets, change),
    budgetsChanged: (budgets) => gateway.budgetsChanged(budgets.map(fromShown)),
    clearPenalty: (client) => gateway.penalties.clear(client),
    activity: (request) => activity.report(request),
    setDraining: (replica, isDraining) => (isDraining ? gateway.drainReplica(replica) : gateway.resumeReplica(replica)),
    close: () => {
      clearInterval(timer);
      delays.disable();
      activity.close();
    },
  };
}

/** The histogram counts in nanoseconds, and has no mean before its first sample. */
function toMs(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) && nanoseconds < 1e15 ? Math.round(nanoseconds / 10_000) / 100 : 0;
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((_error, count) => resolve(count));
  });
}

/** What the gateway's own metric says; 0 where metrics are switched off. */
async function gaugeOf({ registry }: Gateway, name: string): Promise<number> {
  const found = await registry.getSingleMetric(name)?.get();
  return found?.values[0]?.value ?? 0;
}
