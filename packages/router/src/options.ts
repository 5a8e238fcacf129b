import { METHODS } from "node:http";

import { type Handler, option, optionError, readOptions } from "@aivillage/middleware";

export const packageName = "@aivillage/router";

/** The handlers of one path by method, such as `{ GET: read, PUT: [checkBody, write] }`; several run in order. */
export type Methods = Readonly<Record<string, Handler | readonly Handler[]>>;

/** Paths and path templates with the handlers of their methods. */
export type Routes = Readonly<Record<string, Methods>>;

/** Options of `router()`. */
export interface RouterOptions {
  /**
   * Paths such as `/notes` and path templates such as `/notes/{id}`, each with its methods. Their order does not matter. Default `{}`.
   */
  routes?: Routes;
}

export function readRouterOptions(given: RouterOptions | undefined): { routes: Routes } {
  const options = readOptions(packageName, given, {
    routes: option.custom<Routes>("an object of paths, each with an object of methods", {}, isObject),
  });
  for (const [path, methods] of Object.entries(options.routes)) checkMethods(path, methods);
  return options;
}

/** How an error names a route. */
export function routeOption(path: string): string {
  return `routes["${path}"]`;
}

function checkMethods(path: string, methods: unknown): void {
  if (!isObject(methods) || Object.keys(methods).length === 0) {
    throw optionError(packageName, routeOption(path), "an object with at least one method", methods);
  }
  for (const [method, handlers] of Object.entries(methods)) {
    if (!METHODS.includes(method)) {
      throw optionError(packageName, routeOption(path), "an object of methods that node:http reads, in capitals", method);
    }
    const list: readonly unknown[] = Array.isArray(handlers) ? handlers : [handlers];
    if (list.length === 0 || list.some((handler) => typeof handler !== "function")) {
      throw optionError(packageName, `${routeOption(path)}.${method}`, "a handler or a list of at least one", handlers);
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
