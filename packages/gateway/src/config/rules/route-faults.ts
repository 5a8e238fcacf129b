import { nearest, optionReason } from "@aivillage/middleware";
import { templateParameters, templateShape } from "@aivillage/router";

import { isOwnPath, isServicePath, servicePaths } from "../settings/built-in-paths.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { builtInServices } from "../settings/health-config.ts";
import { type RouteConfig, routeName } from "../settings/route-config.ts";
import { isUpstream } from "../settings/url-forms.ts";
import { compileInput, routeSchemas } from "./compile-input.ts";

/** What a route may set of a built-in service. */
const policyKeys: readonly string[] = ["scopes", "tiers", "limits", "screening"];
/** What else is named in limits, health and metrics. */
const serviceNames = builtInServices.map((name) => [name, "the built-in service"] as const);

const withBody: readonly string[] = ["POST", "PUT", "PATCH"];

/** What is wrong with the routes beyond the form of each: contradictions, and paths and names that are taken. */
export function routeFaults({ routes, screening }: GatewayConfig): string[] {
  const owners = new Map<string, string>();
  const names = new Map<string, string>(serviceNames);
  return routes.flatMap((route, index) => {
    const shape = templateShape(route.path);
    const name = routeName(route.path);
    const place = `\`routes\`[${index}] ${route.path}`;
    const owner = owners.get(shape);
    const faults =
      owner === undefined
        ? [...faultsOf(route, screening), ...nameFaults(name, names.get(name))]
        : [`is the path of another route too, ${owner}: keep one`];
    owners.set(shape, owner ?? place);
    if (!names.has(name)) names.set(name, place);
    return faults.map((fault) => `${place} ${fault}`);
  });
}

/** One name would be one counter, one state of health and one series. */
function nameFaults(name: string, owner: string | undefined): string[] {
  if (owner === undefined) return [];
  return [`is named \`${name}\` in limits, health and metrics, as ${owner} is: rename a segment or parameter of one`];
}

function faultsOf(route: RouteConfig, screening: GatewayConfig["screening"]): string[] {
  if (isOwnPath(route.path)) return [`is a built-in path that cannot be changed: choose another, such as /v1${route.path}`];
  if (isServicePath(route.path)) {
    const others = Object.keys(route).filter((key) => key !== "path" && !policyKeys.includes(key));
    return others.map((key) => `is built in and takes no \`${key}\`: only ${policyKeys.join(", ")}`);
  }
  const { methods = ["GET"], upstream, upstreamPath = "", body, scopes, tiers } = route;
  const takesBody = methods.some((method) => withBody.includes(method));
  const known = templateParameters(route.path);
  const twice = known.filter((name, index) => known.indexOf(name) !== index);
  const dots = (["path", "upstreamPath"] as const).filter((key) => route[key]?.split("/").some((part) => part === "." || part === ".."));
  const strange = templateParameters(upstreamPath).filter((name) => !known.includes(name));
  return [
    ...(upstream === undefined ? [`needs \`upstream\`, a list of origins such as http://notes:9000${misspeltPath(route.path)}`] : []),
    ...(takesBody && body === undefined ? ["needs `body`: a JSON Schema, or `stream` to let any body pass unchecked"] : []),
    ...(!takesBody && body !== undefined ? [`has a \`body\`, but none of ${withBody.join(", ")} in \`methods\``] : []),
    ...(route.public === true && (scopes ?? tiers) !== undefined ? ["is `public`, so `scopes` and `tiers` mean nothing: remove one"] : []),
    ...(upstream ?? []).flatMap((url, index) =>
      isUpstream(url) ? [] : [`has no URL in \`upstream\`[${index}]: give one such as http://notes:9000, or unix:/run/notes.sock`],
    ),
    ...twice.map((name) => `has the parameter {${name}} twice: give each a name of its own`),
    ...dots.map((key) => `has the segment \`.\` or \`..\` in \`${key}\`, which clients and services resolve: write the path that is meant`),
    ...strange.map((name) => `has {${name}} in \`upstreamPath\`, but not in \`path\``),
    ...(route.screening !== undefined && body === "stream" && route.query === undefined
      ? ["has `screening`, but `body: stream` passes unchecked: remove one"]
      : []),
    ...schemaFaults(route, screening),
  ];
}

/** A route without a service may be meant as the policy of a built-in one. */
function misspeltPath(path: string): string {
  const meant = nearest(path, servicePaths);
  return meant === undefined ? "" : `, or is meant as the policy of ${meant}: correct its path`;
}

/** What is wrong with exclusions is told once, by their own check. */
function schemaFaults(route: RouteConfig, { mode }: GatewayConfig["screening"]): string[] {
  try {
    compileInput(routeSchemas(route, { mode, exclude: [] }));
    return [];
  } catch (error) {
    return [`has a schema that is not valid: ${optionReason(error)}`];
  }
}
