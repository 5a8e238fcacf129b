import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { ReloadResult } from "../gateway.ts";
import { version } from "../version.ts";
import type { AdminSource } from "./admin-source.ts";
import type { ProcessReport } from "./serving-process.ts";
import { showServices, type ShownServices } from "./show-services.ts";

/** What `/status` shows at a glance. */
export interface Status {
  readonly version: string;
  readonly node: string;
  readonly environment: string;
  readonly pid: number;
  readonly uptime_seconds: number;
  /** The processes that serve clients. */
  readonly processes: readonly Omit<ProcessReport, "services">[];
  /** Processes that did not reply in time. */
  readonly silent_processes: number;
  /** `null` before the first. */
  readonly last_reload: ReloadResult | null;
  readonly health: ShownServices["status"] | null;
  readonly services: ShownServices["services"];
  readonly limits: Pick<GatewayConfig["rateLimit"], "requests" | "windowSeconds" | "limitBy" | "tiers"> & { readonly store: string };
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
    processes: replies.map(({ services: _services, ...report }) => report),
    silent_processes: missing,
    last_reload: reloads.at(-1) ?? null,
    health: shown?.status ?? null,
    services: shown?.services ?? {},
    limits: { requests, windowSeconds, limitBy, tiers, store: redisUrl === "" ? "memory" : "redis" },
    penalties: new Set(penalties.replies.flat().map(({ key }) => key)).size,
  };
}
