import { type DownstreamProxy, downstreamProxy } from "@aivillage/downstream-proxy";
import type { Handler } from "@aivillage/middleware";
import { router } from "@aivillage/router";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { Guard } from "../pipeline/guard.ts";
import { makeHealth, shareHealth } from "../pipeline/health.ts";
import { inputHandlers } from "../pipeline/input.ts";
import type { RuntimeState } from "../state/runtime-state.ts";
import type { Steps } from "../steps.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpointsOf } from "./endpoints.ts";

/** The endpoints at work. */
export interface ServedEndpoints {
  /** Takes the paths of the table and hands on all others. */
  readonly routes: Handler;
  /** Resolves when the requests that are with the services have ended. */
  close(): Promise<void>;
}

/** Makes the routes of the table: each endpoint is guarded, its input is checked, and its service or handler responds. A step is an endpoint. */
export function* serveEndpoints(config: GatewayConfig, state: RuntimeState, guard: Guard): Steps<ServedEndpoints> {
  const endpoints = endpointsOf(config);
  const health = makeHealth(config, state.probe);
  const proxies: DownstreamProxy[] = [];

  function target({ proxy, handler }: Endpoint): Handler {
    if (proxy === undefined) return handler({ config, state, health, endpoints });
    const made = downstreamProxy(proxy(config));
    proxies.push(made);
    return made;
  }

  function routeOf(endpoint: Endpoint): [path: string, methods: Record<string, Handler[]>] {
    const { path, methods, access = {}, input } = endpoint;
    const handlers = [...guard.of(path, access), ...inputHandlers(path, input, config), target(endpoint)];
    return [path, Object.fromEntries(methods.map((method) => [method, handlers]))];
  }

  const table: ReturnType<typeof routeOf>[] = [];
  for (const endpoint of endpoints) {
    table.push(routeOf(endpoint));
    yield;
  }
  const routes = router({ routes: Object.fromEntries(table) });
  const stopSharing = shareHealth(health, proxies, state.observer);
  // What is known from the probes of the previous configuration is published at once: the proxies have to hear it.
  state.observer.watch(health, proxies);
  return {
    routes,
    close: async () => {
      stopSharing();
      health.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
