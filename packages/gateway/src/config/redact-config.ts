import type { GatewayConfig } from "./settings/gateway-config.ts";
import type { RouteConfig } from "./settings/route-config.ts";
import type { RequestHeaderRule } from "./settings/route-headers.ts";
import { settings } from "./settings/schema.ts";

/** The configuration to be shown, with `[redacted]` in place of each secret that is set, and of the parts of URLs that may hold one. */
export function redactConfig(config: GatewayConfig): Record<string, unknown> {
  const copy = structuredClone(config) as unknown as Record<string, Record<string, unknown>>;
  for (const { key, sensitive } of settings) {
    const [group = "", name = ""] = key.split(".");
    if (sensitive && copy[group]?.[name] !== "") (copy[group] ?? {})[name] = "[redacted]";
  }
  copy["routes"] = config.routes.map(withoutSecrets) as never;
  const text = JSON.stringify(copy, (_key, value: unknown) => (typeof value === "string" ? withoutCredentials(value) : value));
  return JSON.parse(text) as Record<string, unknown>;
}

/** Literal values of request headers are often keys of services. */
function withoutSecrets({ requestHeaders, ...route }: RouteConfig): RouteConfig {
  if (requestHeaders === undefined) return route;
  const shown = Object.entries(requestHeaders).map(([name, rule]) => [name, redactedRule(rule)]);
  return { ...route, requestHeaders: Object.fromEntries(shown) as NonNullable<RouteConfig["requestHeaders"]> };
}

function redactedRule(rule: RequestHeaderRule): RequestHeaderRule {
  if (typeof rule === "boolean") return rule;
  if (typeof rule === "string") return "[redacted]";
  return rule.value === undefined ? rule : { ...rule, value: "[redacted]" };
}

/** Queries of URLs and paths may hold a token, and the user part of a URL a password. */
function withoutCredentials(text: string): string {
  return text.replace(/^((?:https?:|\/)[^?]*\?).+/, "$1[redacted]").replace(/^(https?:\/\/)[^/?#]*@/, "$1[redacted]@");
}
