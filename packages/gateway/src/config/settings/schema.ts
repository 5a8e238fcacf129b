import type { Schema } from "convict";

import { adminSettings } from "./admin-settings.ts";
import { auditSettings } from "./audit-settings.ts";
import { authSettings } from "./auth-settings.ts";
import { budgetSettings, priceSettings } from "./budget-settings.ts";
import { concurrencySettings } from "./concurrency-settings.ts";
import { corsSettings } from "./cors-settings.ts";
import type { FormatName } from "./formats.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import type { ServiceHealthConfig } from "./health-config.ts";
import { inputSettings } from "./input-settings.ts";
import { rateLimitSettings } from "./rate-limit-settings.ts";
import type { RouteConfig } from "./route-config.ts";
import { screeningSettings } from "./screening-settings.ts";
import { serverSettings } from "./server-settings.ts";
import { fileSetting, setting } from "./setting.ts";
import type { ServiceTarget } from "./target-config.ts";

/** Every setting once: YAML key (the path), environment variable, format, default and description. */
export const schema: Schema<GatewayConfig> = {
  environment: setting(
    "ENVIRONMENT",
    "environment",
    "development",
    "Name of the environment; every name counts as production except `development`, `test`, `staging` and similar",
  ),
  server: serverSettings,
  admin: adminSettings,
  auth: authSettings,
  rateLimit: rateLimitSettings,
  concurrency: concurrencySettings,
  budgets: budgetSettings,
  prices: priceSettings,
  audit: auditSettings,
  screening: screeningSettings,
  cors: corsSettings,
  input: inputSettings,
  headers: {
    forward: setting(
      "FORWARD_HEADERS",
      "list",
      [],
      "Client headers that services get besides the usual ones: names, or `X-Tenant-*` for all that begin so",
    ),
    forwardTrusted: setting(
      "FORWARD_TRUSTED_HEADERS",
      "list",
      [],
      "The same, only from `TRUSTED_PROXIES`: what a front end has verified, such as `X-Auth-Request-*`",
    ),
    passResponse: setting(
      "PASS_RESPONSE_HEADERS",
      "list",
      [],
      "Headers of services that clients get although they are withheld by default, such as `Clear-Site-Data`",
    ),
  },
  via: setting(
    "VIA_NAME",
    "via-name",
    "",
    "Name of this gateway in `Via`; gateways in a chain need different ones. None: `aivillage` with a random suffix",
  ),
  services: {
    twin: setting("TWIN_URL", "url-list", ["http://localhost:8001"], "The twin, which chats"),
    agentController: setting("AGENT_CONTROLLER_URL", "url-list", ["http://localhost:8002"], "The agent controller, for queries"),
    knowledgeSystem: setting(
      "KNOWLEDGE_SYSTEM_URL",
      "url-list",
      ["http://localhost:8003"],
      "The knowledge system, which takes uploads and replaces the controller when that is down",
    ),
  },
  features: {
    metrics: setting("ENABLE_METRICS", "boolean", true, "Serve `/metrics`"),
    fileUpload: setting("ENABLE_FILE_UPLOAD", "boolean", true, "Serve `/v1/upload`"),
    agentProxy: setting(
      "ENABLE_AGENT_PROXY",
      "boolean",
      true,
      "Send queries to the agent controller first; off: straight to the knowledge system",
    ),
    legacyPaths: setting(
      "ENABLE_LEGACY_PATHS",
      "boolean",
      false,
      "Redirect `/query`, `/chat`, `/upload` and `/status` to their new path (308)",
    ),
  },
  breaker: {
    failureStatuses: setting(
      "BREAKER_FAILURE_STATUSES",
      "status-list",
      [],
      "Statuses from 400 to 599 that count as failures of a service; none: only a lack of a response does",
    ),
  },
  upload: { maxFileBytes: setting("MAX_FILE_SIZE", "bytes", 10_485_760, "Largest upload in bytes") },
  timeouts: {
    requestSeconds: setting(
      "REQUEST_TIMEOUT",
      "seconds",
      30,
      "Seconds that a service may take for its whole response, unless it is a stream",
    ),
    maxStreamSeconds: setting("MAX_STREAM_SECONDS", "seconds-or-none", 0, "Seconds that a streamed response may last; 0 for no limit"),
    healthCheckSeconds: setting(
      "HEALTH_CHECK_TIMEOUT",
      "probe-seconds",
      5,
      "Seconds that a health probe may take: a service that takes longer is unhealthy",
    ),
  },
  health: {
    intervalSeconds: setting(
      "HEALTH_CHECK_INTERVAL",
      "probe-interval",
      5,
      "Seconds between two health probes of a service; 0: probes only when `/healthz` is asked",
    ),
    services: fileSetting<ServiceHealthConfig[]>("service-health", [], "How built-in services are probed, where the defaults do not fit"),
  },
  log: {
    level: setting("LOG_LEVEL", "log-level", "INFO", "Lowest level that is logged: `DEBUG`, `INFO`, `WARN`, `ERROR`"),
    debug: setting("DEBUG", "boolean", false, "Logs at level DEBUG whatever `LOG_LEVEL` says; refused in production"),
    probes: setting("LOG_PROBES", "boolean", true, "Writes access lines of `/livez`, `/readyz`, `/healthz` and `/metrics` too"),
    linesPerSecond: setting(
      "LOG_LINES_PER_SECOND",
      "count",
      1_000,
      "Access lines of one kind written in full each second; of a flood beyond that every hundredth, and a summary",
    ),
  },
  metrics: {
    allow: setting("METRICS_ALLOW", "list", [], "Clients that may read `/metrics`: an address list; none: everybody, in production nobody"),
  },
  targets: fileSetting<ServiceTarget[]>("targets", [], "How the gateway talks to the built-in services"),
  routes: fileSetting<RouteConfig[]>("routes", [], "Your own routes, and policies of the built-in ones"),
};

/** One setting, flat. */
export interface Setting {
  /** YAML key with its parents, joined by dots. */
  readonly key: string;
  /** Environment variable; `undefined` when only the file can give the setting. */
  readonly env: string | undefined;
  readonly format: FormatName;
  readonly default: unknown;
  readonly doc: string;
  readonly sensitive: boolean;
}

/** All settings in the order of the schema. */
export const settings: readonly Setting[] = flatten(schema, "");

function flatten(node: object, parent: string): Setting[] {
  return Object.entries(node).flatMap(([name, child]: [string, object]) => {
    const key = parent === "" ? name : `${parent}.${name}`;
    return "format" in child ? [{ env: undefined, ...(child as Omit<Setting, "key" | "env">), key }] : flatten(child, key);
  });
}
