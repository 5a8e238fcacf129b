import type { IncomingMessage } from "node:http";

import type { Router } from "@aivillage/router";

import { preflightMethod } from "../pipeline/cors.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Finds the endpoint that a request would reach. A preflight is about the request that is to follow. Where the path does not take the method,
 * the first endpoint of the path is found.
 */
export function endpointFinder(endpoints: readonly Endpoint[], routes: Router): (req: IncomingMessage) => Endpoint | undefined {
  const byKey = Map.groupBy(endpoints, ({ host, path }) => keyOf(host, path));
  return (req) => {
    const found = routes.find(req);
    const of = found && byKey.get(keyOf(found.host, found.template));
    return of === undefined || of.length === 1 ? of?.[0] : endpointFor(of, preflightMethod(req) ?? req.method ?? "");
  };
}

function keyOf(host: string | undefined, path: string): string {
  return `${host?.toLowerCase() ?? ""} ${path}`;
}

/** As the router decides: GET takes HEAD, and `ANY` what nothing else takes. */
function endpointFor(endpoints: readonly Endpoint[], method: string): Endpoint | undefined {
  const taking = (name: string): Endpoint | undefined => endpoints.find(({ methods }) => methods.includes(name));
  return taking(method) ?? (method === "HEAD" ? taking("GET") : undefined) ?? taking("ANY") ?? endpoints[0];
}
