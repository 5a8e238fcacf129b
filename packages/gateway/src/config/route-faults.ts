import { sanitizeInput } from "@aivillage/input-sanitizer";

import { templateParameters, templateShape } from "../routes/path-template.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import type { RouteConfig } from "./route-config.ts";

/** Built-in paths whose policy the configuration may change, and the keys that do it. */
const policyPaths: readonly string[] = ["/v1/query", "/v1/chat", "/v1/upload"];
const policyKeys: readonly string[] = ["scopes", "tiers", "limits"];
/** Built-in paths that are as they are. */
const fixedPaths: readonly string[] = ["/healthz", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs"];

const withBody: readonly string[] = ["POST", "PUT", "PATCH"];

/** What is wrong with the routes beyond the form of each: contradictions, and paths that are taken. */
export function routeFaults({ routes }: GatewayConfig): string[] {
  const seen = new Set<string>();
  return routes.flatMap((route, index) => {
    const shape = templateShape(route.path);
    const faults = seen.has(shape) ? ["is the path of another route too: keep one"] : faultsOf(route);
    seen.add(shape);
    return faults.map((fault) => `\`routes\`[${index}] ${route.path} ${fault}`);
  });
}

function faultsOf(route: RouteConfig): string[] {
  if (fixedPaths.includes(route.path) || route.path.startsWith("/docs/"))
    return ["is a built-in path that cannot be changed: choose another"];
  if (policyPaths.includes(route.path)) {
    const others = Object.keys(route).filter((key) => key !== "path" && !policyKeys.includes(key));
    return others.map((key) => `is built in and takes no \`${key}\`: only ${policyKeys.join(", ")}`);
  }
  const { methods = ["GET"], upstream, upstreamPath = "", body, scopes, tiers } = route;
  const takesBody = methods.some((method) => withBody.includes(method));
  const known = templateParameters(route.path);
  const strange = templateParameters(upstreamPath).filter((name) => !known.includes(name));
  return [
    ...(upstream === undefined ? ["needs `upstream`, a list of origins such as http://notes:9000"] : []),
    ...(takesBody && body === undefined ? ["needs `body`: a JSON Schema, or `stream` to let any body pass unchecked"] : []),
    ...(!takesBody && body !== undefined ? [`has a \`body\`, but none of ${withBody.join(", ")} in \`methods\``] : []),
    ...(route.public === true && (scopes ?? tiers) !== undefined ? ["is `public`, so `scopes` and `tiers` mean nothing: remove one"] : []),
    ...strange.map((name) => `has {${name}} in \`upstreamPath\`, but not in \`path\``),
    ...schemaFaults(route),
  ];
}

function schemaFaults({ query, body }: RouteConfig): string[] {
  try {
    sanitizeInput({ ...(query !== undefined && { query }), ...(typeof body === "object" && { body }) });
    return [];
  } catch (error) {
    return [`has a schema that is not valid: ${(error as Error).message.replace(/^@aivillage\/[\w-]+: /, "")}`];
  }
}
