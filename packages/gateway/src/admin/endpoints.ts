import type { ServerResponse } from "node:http";

import { metricsEndpoint } from "@aivillage/metrics";
import type { Handler } from "@aivillage/middleware";

import { version } from "../version.ts";
import type { AdminAccess } from "./access.ts";
import { consolePath } from "./admin-console.ts";
import type { AdminSource } from "./admin-source.ts";
import { apiPages } from "./api-pages.ts";
import { noteSubject } from "./audit.ts";
import { setBudgets, showBudgets } from "./budgets.ts";
import { changeAll } from "./change-all.ts";
import { setLogLevel, showLogLevel } from "./log-level.ts";
import { clearPenalties, listPenalties } from "./penalties.ts";
import { assertOthers, findReplica, requestsOf } from "./replicas.ts";
import { parameterOf, respondWith, sendJson } from "./respond.ts";
import { showKeys } from "./show-keys.ts";
import { showServices, type ShownServices } from "./show-services.ts";
import { showSettings } from "./show-settings.ts";
import { showStatus } from "./show-status.ts";

/** A method of a path of the admin listener. Everything but GET changes something. */
export interface AdminEndpoint {
  /** Whether everyone may read it, since it contains no data. */
  readonly isPublic?: boolean;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly handler: Handler;
}

/** Everything that the admin listener serves. */
export function adminEndpoints(source: AdminSource, access: AdminAccess, live: Handler): readonly AdminEndpoint[] {
  const { fleet, metrics } = source;
  const get = (path: string, make: () => unknown): AdminEndpoint => ({ method: "GET", path, handler: respondWith(make) });

  async function drain(text: string, isDraining: boolean) {
    const replica = await findReplica(fleet, text);
    if (isDraining) assertOthers(replica);
    await changeAll(fleet, "setDraining", replica.url, isDraining);
    return { replica: replica.url, draining: isDraining, requests: requestsOf(replica) };
  }

  const endpoints: readonly AdminEndpoint[] = [
    get("/", () => ({ name: "AIVillage Gateway", version, endpoints: endpoints.map(({ method, path }) => `${method} ${path}`) })),
    get("/status", () => showStatus(source)),
    { method: "GET", path: "/healthz", handler: health(source) },
    { method: "GET", path: "/metrics", handler: metricsEndpoint({ registry: metrics }) },
    get("/config", () => showSettings(source.config)),
    get("/keys", () => ({ keys: showKeys(source.config, access.keysInForce(), Date.now()) })),
    get("/log-level", () => showLogLevel(source)),
    { method: "PUT", path: "/log-level", handler: setLogLevel(source) },
    get("/penalties", async () => ({ penalties: await listPenalties(fleet) })),
    { method: "GET", path: "/budgets", handler: respondWith((req) => showBudgets(fleet, req)) },
    { method: "POST", path: "/budgets", handler: setBudgets(fleet) },
    {
      method: "DELETE",
      path: "/penalties/{client}",
      handler: respondWith(async (req) => {
        const client = parameterOf(req, "client");
        noteSubject(req, { client });
        return { cleared: await clearPenalties(fleet, client) };
      }),
    },
    ...Object.entries(apiPages(source)).map(([path, handler]): AdminEndpoint => ({ method: "GET", path, handler })),
    ...(["POST", "DELETE"] as const).map((method) => ({
      method,
      path: "/drain/{replica}",
      handler: respondWith(async (req) => {
        const replica = parameterOf(req, "replica");
        noteSubject(req, { replica });
        return await drain(replica, method === "POST");
      }),
    })),
    ...consoleEndpoints(live),
  ];
  return endpoints;
}

/** A browser loads the page and its files without a key; the data needs what all data needs. */
function consoleEndpoints(live: Handler): readonly AdminEndpoint[] {
  return [
    { method: "GET", path: consolePath, handler: live, isPublic: true },
    { method: "GET", path: `${consolePath}/`, handler: live, isPublic: true },
    { method: "GET", path: `${consolePath}/{file}`, handler: live, isPublic: true },
    { method: "GET", path: `${consolePath}/stream`, handler: live },
    {
      method: "POST",
      path: `${consolePath}/penalties/{client}/clear`,
      handler: (req, res, next) => {
        noteSubject(req, { client: parameterOf(req, "client") });
        live(req, res, next);
      },
    },
  ];
}

/** The health of all services in detail, with the status of the public report. */
function health({ fleet }: AdminSource): Handler {
  return function adminHealthHandler(_req, res, next) {
    fleet.all("report").then(({ replies }) => sendHealth(res, showServices(replies.map(({ services }) => services))), next);
  };
}

/** Without a process that replies nothing is known to be healthy. */
function sendHealth(res: ServerResponse, shown: ShownServices | undefined): void {
  const isUp = shown !== undefined && shown.status !== "unhealthy";
  sendJson(res, isUp ? 200 : 503, shown ?? { status: "unhealthy", services: {} });
}
