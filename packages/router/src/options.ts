import { METHODS } from "node:http";

import { type Handler, isPlainObject, option, OptionError, optionError, readOptions } from "@aivillage/middleware";

import { isHostPattern } from "./host-index.ts";

export const packageName = "@aivillage/router";

/**
 * The handlers of one path by method, such as `{ GET: read, PUT: [checkBody, write] }`; several run in order. `ANY` stands for every method
 * that the path does not name.
 */
export type Methods = Readonly<Record<string, Handler | readonly Handler[]>>;

/** Paths and path templates with the handlers of their methods. */
export type Routes = Readonly<Record<string, Methods>>;

/** Options of `router()`. */
export interface RouterOptions {
  /**
   * Paths such as `/notes` and path templates such as `/notes/{id}`, `/files/{path+}` and `/v1/*`, each with its methods. Their order does
   * not matter. Default `{}`.
   */
  routes?: Routes;
  /**
   * Routes of single hosts, by their name in `Host` without the port, such as `api.example.com`, or `*.example.com` for all hosts below a
   * domain. They win over `routes`. Default `{}`.
   */
  hosts?: Readonly<Record<string, Routes>>;
}

/** A route with its host and the name that errors give it. */
export interface GivenRoute {
  readonly host: string | undefined;
  readonly template: string;
  readonly methods: Methods;
  readonly optionName: string;
}

export function readRouterOptions(given: RouterOptions | undefined): readonly GivenRoute[] {
  refusePaths(given);
  const { routes, hosts } = readOptions(packageName, given, {
    routes: option.custom<Routes>("an object of paths, each with an object of methods", {}, isPlainObject),
    hosts: option.custom<Readonly<Record<string, Routes>>>("an object of hosts, each with an object of paths", {}, isPlainObject),
  });
  return [...readRoutes(undefined, routes, "routes"), ...Object.entries(hosts).flatMap(([host, its]) => readHost(host, its))];
}

/** A path among the options is the commonest slip. */
function refusePaths(given: object | undefined): void {
  const path = Object.keys(given ?? {}).find((name) => name.startsWith("/"));
  if (path === undefined) return;
  const reason = `unknown option \`${path}\`; paths belong into \`routes\`: router({ routes: { "${path}": … } })`;
  throw new OptionError({ packageName, option: path, expected: "within `routes`", reason });
}

function readHost(host: string, routes: unknown): GivenRoute[] {
  const name = `hosts["${host}"]`;
  if (!isHostPattern(host.toLowerCase())) {
    throw optionError(packageName, name, "a host without a port, such as api.example.com, or *.example.com for all below it", host);
  }
  if (!isPlainObject(routes)) throw optionError(packageName, name, "an object of paths, each with an object of methods", routes);
  return readRoutes(host.toLowerCase(), routes as Routes, name);
}

function readRoutes(host: string | undefined, routes: Routes, name: string): GivenRoute[] {
  return Object.entries(routes).map(([template, methods]) => {
    const optionName = `${name}["${template}"]`;
    checkMethods(optionName, methods);
    return { host, template, methods, optionName };
  });
}

function checkMethods(name: string, methods: unknown): void {
  if (!isPlainObject(methods) || Object.keys(methods).length === 0) {
    throw optionError(packageName, name, "an object with at least one method", methods);
  }
  for (const [method, handlers] of Object.entries(methods)) {
    if (method !== "ANY" && !METHODS.includes(method)) {
      throw optionError(packageName, name, "an object of methods that node:http reads, in capitals, or `ANY`", method);
    }
    const list: readonly unknown[] = Array.isArray(handlers) ? handlers : [handlers];
    if (list.length === 0 || list.some((handler) => typeof handler !== "function")) {
      throw optionError(packageName, `${name}.${method}`, "a handler or a list of at least one", handlers);
    }
  }
}
