import { isProduction, nonProductionNames } from "../settings/environment-name.ts";
import { formerKeys } from "../settings/former-keys.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { hasAdmin } from "./admin-rules.ts";
import { unkeyedAudit } from "./audit-rules.ts";
import { unmeteredRoutes } from "./budget-warnings.ts";
import { readableFileProblems, writableFileProblems } from "./file-rules.ts";
import { newKey, publicDefaults } from "./key-rules.ts";
import { allLimits, highPerSecond, impossiblePerSecond } from "./limit-rules.ts";
import { appOrigin, type Rule } from "./production-rules.ts";
import { hostOf, isLoopback, upstreams } from "./upstream-hosts.ts";

/** What is reported at every start and reload, and does not keep the gateway from starting. */
export const warningRules: readonly Rule[] = [
  { name: "public-keys", line: "No gateway that others reach runs with the public keys, outside production too", problems: publicKeys },
  { name: "environment-name", line: "`ENVIRONMENT` is `production` and not another name that counts as it", problems: environmentName },
  {
    name: "closed-metrics",
    line: "`METRICS_ALLOW` names Prometheus; without it production serves `/metrics` to nobody",
    problems: closedMetrics,
  },
  { name: "app-origin", line: "`CORS_ORIGINS` lists `https://localhost` for apps only that need it", problems: appOrigins },
  {
    name: "readable-file",
    line: "Not everybody on the machine may read the keys file, secret files and files with secrets",
    problems: readableFileProblems,
  },
  { name: "plain-redis", line: "A Redis on another machine has a password and is reached by `rediss://`", problems: plainRedis },
  { name: "plain-upstream", line: "Upstreams on the Internet are reached by `https://`", problems: plainUpstreams },
  { name: "public-stream", line: "No `public` route passes bodies unchecked (`body: stream`)", problems: publicStreams },
  {
    name: "unmetered-route",
    line: "Routes that a caller with a budget may use have `ai`, so that they are metered",
    problems: unmeteredRoutes,
  },
  { name: "unkeyed-audit", line: "An audit log has a key, so that nobody who can write it rebuilds it", problems: unkeyedAudit },
  { name: "high-rate-limit", line: "Rate limits are at most what one process serves", problems: highLimits },
  { name: "former-name", line: "Routes have their keys under the present names", problems: formerNames },
  { name: "shared-files", line: "Outside production too only the owner may write the files", problems: sharedFiles },
];

/** A warning with the rule that gives it. */
export interface Warning {
  readonly rule: string;
  readonly text: string;
}

export function configWarnings(config: GatewayConfig): Warning[] {
  return warningRules.flatMap(({ name, problems }) => problems(config).map((text) => ({ rule: name, text })));
}

/** On loopback in development the public keys are what they are for. */
function publicKeys({ environment, server, auth }: GatewayConfig): string[] {
  if (environment === "development" && isLoopback(server.host)) return [];
  return publicDefaults(auth).map(
    (name) =>
      `${name} is the public development key in the environment ${environment}, and GATEWAY_HOST is ${server.host}, so anyone who ` +
      `reaches this address gets in: ${newKey}, or set GATEWAY_HOST=127.0.0.1`,
  );
}

function environmentName({ environment }: GatewayConfig): string[] {
  if (environment === "production" || !isProduction(environment)) return [];
  const others = nonProductionNames.slice(0, -1).join(", ");
  return [`ENVIRONMENT ${environment} counts as production: only names with ${others} or ${nonProductionNames.at(-1)} do not`];
}

function closedMetrics(config: GatewayConfig): string[] {
  const { environment, features, metrics } = config;
  if (!isProduction(environment) || !features.metrics || metrics.allow.length > 0 || hasAdmin(config)) return [];
  return [
    "METRICS_ALLOW is empty, so /metrics is closed to everyone in production: list your Prometheus, set ADMIN_PORT, or set ENABLE_METRICS=false",
  ];
}

function appOrigins({ environment, cors }: GatewayConfig): string[] {
  if (!isProduction(environment) || !cors.origins.includes(appOrigin)) return [];
  return [
    `CORS_ORIGINS: ${appOrigin} is the origin of Capacitor apps, and of any page on a visitor's machine: remove it if you have no such app`,
  ];
}

function plainRedis({ environment, rateLimit: { redisUrl } }: GatewayConfig): string[] {
  const url = URL.parse(redisUrl);
  if (url === null || !isProduction(environment) || isLoopback(hostOf(url)) || url.password !== "") return [];
  return ["REDIS_URL has no password, so anyone who reaches Redis decides over limits: set one and use rediss://, or isolate its network"];
}

/** Names of private networks have one label or end in one of these. */
const privateName = /^[^.]+$|\.(local|localhost|internal|svc|lan|home|corp|intranet|consul|test)$/;
const privateAddress = /^(127|10|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|0)\.|^(::1?$|f[cd])/;

function plainUpstreams(config: GatewayConfig): string[] {
  if (!isProduction(config.environment)) return [];
  return upstreams(config).flatMap(({ setting, url }) => {
    const host = hostOf(url);
    const isPrivate = privateAddress.test(host) || (!host.includes(":") && !/^[\d.]+$/.test(host) && privateName.test(host));
    return url.protocol === "http:" && !isPrivate ? [`${setting}: ${url.origin} is not encrypted on its way: use https://`] : [];
  });
}

function publicStreams({ environment, routes }: GatewayConfig): string[] {
  if (!isProduction(environment)) return [];
  return routes.flatMap(({ path, public: isPublic, body }, index) =>
    isPublic === true && body === "stream"
      ? [`\`routes\`[${index}] ${path} passes any body of anyone: give \`body\` a JSON Schema, or let the service check what it gets`]
      : [],
  );
}

function highLimits(config: GatewayConfig): string[] {
  if (!isProduction(config.environment)) return [];
  return allLimits(config).flatMap(({ setting, perSecond }) =>
    perSecond > highPerSecond && perSecond < impossiblePerSecond
      ? [`${setting} allows ${Math.floor(perSecond)} requests a second, more than a process serves: lower it to what one client needs`]
      : [],
  );
}

function formerNames({ routes }: GatewayConfig): string[] {
  return routes.flatMap((route, index) => formerKeys(route).map((advice) => `\`routes\`[${index}] ${route.path} ${advice}`));
}

/** In production they are refused. */
function sharedFiles(config: GatewayConfig): string[] {
  return isProduction(config.environment) ? [] : writableFileProblems(config).map((text) => text.replace(" in production", ""));
}
