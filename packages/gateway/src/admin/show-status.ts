import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { ReloadResult } from "../state/recent-reloads.ts";
import { version } from "../version.ts";
import type { AdminSource } from "./admin-source.ts";
import type { ProcessReport } from "./serving-process.ts";
import { showConcurrency, type ShownConcurrency } from "./show-concurrency.ts";
import { showServices, type ShownServices } from "./show-services.ts";

/** What `/status` shows at a glance. */
export interface Status {
  readonly version: string;
  readonly node: string;
  readonly environment: string;
  readonly pid: number;
  readonly uptime_seconds: number;
  /** The processes that serve clients. */
  readonly processes: readonly Omit<ProcessReport, "services" | "slots">[];
  /** Processes that did not reply in time. */
  readonly silent_processes: number;
  /** `null` before the first. */
  readonly last_reload: ReloadResult | null;
  readonly health: ShownServices["status"] | null;
  readonly services: ShownServices["services"];
  readonly limits: Pick<GatewayConfig["rateLimit"], "requests" | "windowSeconds" | "limitBy" | "tiers"> & { readonly store: string };
  /** Requests in progress and waiting, by limit of concurrency. */
  readonly concurrency: readonly ShownConcurrency[];
  /** Clients under penalty. */
  readonly penalties: number;
}

export async function showStatus({ config, fleet, reloads }: AdminSource): Promise<Status> {
  const [{ replies, missing }, penalties] = await Promise.all([fleet.all("report"), fleet.all("penalties")]);
  const shown = showServices(replies.map(({ services }) => services));
  const { requests, windowSeconds, limitBy, tiers, redisUrl } = config.rateLimit;
  return {
    version,
    node: process.version,
    environment: config.environment,
    pid: process.pid,
    uptime_seconds: Math.floor(process.uptime()),
    processes: replies.map(({ services: _services, slots: _slots, ...report }) => report),
    silent_processes: missing,
    last_reload: reloads.at(-1) ?? null,
    health: shown?.status ?? null,
    services: shown?.services ?? {},
    limits: { requests, windowSeconds, limitBy, tiers, store: redisUrl === "" ? "memory" : "redis" },
    concurrency: showConcurrency(replies.map(({ slots }) => slots)),
    penalties: new Set(penalties.replies.flat().map(({ key }) => key)).size,
  };
}
