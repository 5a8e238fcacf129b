import { dialects } from "@aivillage/ai-call";

import { aiSchemas, isAiSchemaName } from "./ai-schemas.ts";
import { aiRouteOf } from "./route-ai.ts";
import type { RouteConfig } from "./route-config.ts";
import type { HeaderSource } from "./route-headers.ts";
import type { JsonSchema } from "./route-input.ts";

/** A route as it is served: short forms are written out. */
export type ExpandedRoute = Omit<RouteConfig, "body"> & { readonly body?: JsonSchema | "stream" };

/** Room for pictures, histories of long conversations, and many tools. */
const ofCalls = { maxBodyBytes: "32MiB", maxStringLength: 4_000_000, maxDepth: 64, maxKeys: 100_000 } as const;

/** With these a provider says that it has no room for a call, which another one may have. */
const noRoom = [429, 503, 529];

/** As long as the SDKs of providers wait: a model may think for minutes before its first byte. */
const timeouts = { headers: "10m", idle: "5m", total: "10m" } as const;

/** Writes out the short forms of a route: `ai`, `upstreamKeyFile`, and the name of a schema as its `body`. */
export function expandRoute(route: RouteConfig): ExpandedRoute {
  const { body } = route;
  const named = isAiSchemaName(body) ? { ...ofCalls, ...route, body: aiSchemas[body] } : route;
  return withKey(withCalls(named as ExpandedRoute));
}

function withCalls(route: ExpandedRoute): ExpandedRoute {
  if (route.ai === undefined) return route;
  return {
    ...(route.fallback !== undefined && { failOverStatuses: noRoom }),
    maxBodyBytes: ofCalls.maxBodyBytes,
    body: "stream",
    query: "any",
    methods: ["POST"],
    // Nobody would read the calls in its messages.
    websocket: false,
    ...route,
    timeouts: { ...timeouts, ...route.timeouts },
  };
}

function withKey(route: ExpandedRoute): ExpandedRoute {
  const { upstreamKeyFile: file, requestHeaders } = route;
  if (file === undefined) return route;
  const name = keyHeaderOf(route);
  return { ...route, requestHeaders: { ...requestHeaders, [name]: keySource(name, file) } };
}

/** Where the value of the header that carries a key comes from. */
export function keySource(header: string, file: string): HeaderSource {
  return header === "authorization" ? { file, prefix: "Bearer " } : { file };
}

/** The header that carries the key of the service. */
export function keyHeaderOf(route: Pick<RouteConfig, "ai" | "upstreamKeyHeader">): string {
  const dialect = dialects.get(aiRouteOf(route)?.dialect ?? "");
  return route.upstreamKeyHeader ?? (dialect?.errorForm === "anthropic" ? "x-api-key" : "authorization");
}

/** Whether a route leads to models, or to a service of somebody else, who knows the gateway by a key. */
export function isProvider({ ai, upstreamKeyFile }: RouteConfig | ExpandedRoute): boolean {
  return ai !== undefined || upstreamKeyFile !== undefined;
}

/** Whether the service learns whom it is asked for. */
export function sendsForwarded({ sendForwarded, upstreamKeyFile }: Pick<RouteConfig, "sendForwarded" | "upstreamKeyFile">): boolean {
  return sendForwarded ?? upstreamKeyFile === undefined;
}
