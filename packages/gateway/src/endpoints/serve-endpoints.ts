import type { IncomingMessage } from "node:http";

import { type DownstreamProxy, downstreamProxy } from "@aivillage/downstream-proxy";
import type { Handler } from "@aivillage/middleware";
import { type Methods, router } from "@aivillage/router";
import type { BudgetOperator } from "@aivillage/token-budget";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { ServicesReport } from "../gateway.ts";
import { admissionPart } from "../pipeline/admission.ts";
import { aiCalls, aiErrors } from "../pipeline/ai-calls.ts";
import { bodyMemoryPart } from "../pipeline/body-memory.ts";
import { budgetsPart } from "../pipeline/budgets.ts";
import { callRecords, noRecords } from "../pipeline/call-records.ts";
import type { Guard } from "../pipeline/guard.ts";
import { makeHealth, shareHealth } from "../pipeline/health.ts";
import { identityTokens } from "../pipeline/identity.ts";
import { inputHandlers } from "../pipeline/input.ts";
import { responseHeaders, routeSecurityHeaders } from "../pipeline/response-headers.ts";
import type { UpstreamContext } from "../pipeline/upstream-context.ts";
import type { RuntimeState } from "../state/runtime-state.ts";
import { followSecretFiles } from "../state/secret-files.ts";
import type { Steps } from "../steps.ts";
import { endpointFinder } from "./endpoint-finder.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpointsOf } from "./endpoints.ts";

/** The endpoints at work. */
export interface ServedEndpoints {
  /** Takes the paths of the table and hands on all others. */
  readonly routes: Handler;
  readonly endpoints: readonly Endpoint[];
  /** The endpoint that a request would reach, a preflight that of the request it asks for. Without one for the method, any of the path. */
  readonly endpointOf: (req: IncomingMessage) => Endpoint | undefined;
  /** What probes and requests have shown of the services. */
  services(): Promise<ServicesReport>;
  /** Takes a replica out of choice, or back into it. @returns whether there is such a replica */
  setDraining(replica: string, isDraining: boolean): boolean;
  /** What the operator sees and changes of budgets. */
  readonly budgets: BudgetOperator;
  /** Another configuration is in force: no file is followed any more, and requests in progress keep the values that they have. */
  retire(): void;
  /** Resolves when the requests that are with the services have ended. */
  close(): Promise<void>;
}

/** Makes the routes of the table: each endpoint is guarded, its input is checked, and its service or handler responds. A step is an endpoint. */
export function* serveEndpoints(config: GatewayConfig, state: RuntimeState, guard: Guard): Steps<ServedEndpoints> {
  const endpoints = endpointsOf(config);
  const health = makeHealth(config, state.probe);
  const secrets = followSecretFiles(config, state);
  const context: UpstreamContext = {
    secrets,
    isOwnKey: guard.isOwnKey,
    carriers: config.auth.carriers.map((name) => name.toLowerCase()),
    reportKey: state.observer.keyProblem,
  };
  const proxies: DownstreamProxy[] = [];

  const admissions = admissionPart(config, state.slots);
  const budgets = budgetsPart(config, state.budgets);
  const bodies = bodyMemoryPart(config);

  const records = callRecords(config, state.audit);

  function target({ proxy, handler, concurrency }: Endpoint, admitted: readonly Handler[] = []): Handler[] {
    if (proxy === undefined) return [handler({ config, state, health, budgets, endpoints })];
    const options = proxy(config, context);
    const made = downstreamProxy(options);
    proxies.push(made);
    return [...admissions(options.targets?.[0], concurrency), ...admitted, made];
  }

  function handlersOf(endpoint: Endpoint): Handler[] {
    const { path, access = {}, route } = endpoint;
    const guarded = guard.of(path, access);
    const input = [...bodies(endpoint), ...inputHandlers(endpoint, config)];
    if (route === undefined) return [...guarded, ...input, ...target(endpoint)];
    const calls = aiCalls(route);
    const { begin, guard: recorded, admitted } = calls.length === 0 ? noRecords : records;
    const metered = calls.length === 0 ? [] : [...calls, ...budgets.handlers];
    const checks = [...guarded, ...recorded, ...input];
    const beforeProxy = [...metered, ...identityTokens(route, context), ...responseHeaders(route)];
    return [...routeSecurityHeaders(route), ...aiErrors(route), ...begin, ...checks, ...beforeProxy, ...target(endpoint, admitted)];
  }

  const tables = new Map<string | undefined, Record<string, Methods>>();
  for (const endpoint of endpoints) {
    const { path, methods } = endpoint;
    const host = endpoint.host?.toLowerCase();
    const handlers = handlersOf(endpoint);
    const table = tables.get(host) ?? {};
    const own = Object.fromEntries(methods.map((method) => [method, handlers]));
    tables.set(host, Object.assign(table, { [path]: { ...table[path], ...own } }));
    yield;
  }
  state.slots.forgetUnused();
  const { undefined: all = {}, ...hosts } = Object.fromEntries(tables);
  const routes = router({ routes: all, hosts });
  const endpointOf = endpointFinder(endpoints, routes);
  const stopSharing = shareHealth(health, proxies, state.observer);
  // What is known from the probes of the previous configuration is published at once: the proxies must be notified.
  state.observer.watch(health, proxies);
  const setDraining = (replica: string, isDraining: boolean): boolean =>
    proxies.filter((proxy) => (isDraining ? proxy.drainReplica(replica) : proxy.resumeReplica(replica))).length > 0;
  for (const replica of state.drainingReplicas) setDraining(replica, true);
  return {
    routes,
    endpoints,
    endpointOf,
    services: async () => {
      await health.check();
      return { health: health.lastReport({ replicas: true }), targets: proxies.flatMap((proxy) => proxy.state()) };
    },
    setDraining,
    budgets: budgets.operator,
    retire: () => secrets.close(),
    close: async () => {
      stopSharing();
      health.close();
      budgets.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
