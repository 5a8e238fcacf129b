import { nearest } from "@aivillage/middleware";
import { isHostPattern, templateError } from "@aivillage/router";

import { compileInput, routeSchemas } from "../options/compile-input.ts";
import { isOwnPath, isServicePath, servicePaths } from "../settings/built-in-paths.ts";
import { builtInServices } from "../settings/built-in-services.ts";
import { type ExpandedRoute, expandRoute } from "../settings/expand-route.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { concurrencyProblems } from "../settings/route-concurrency.ts";
import type { RouteConfig } from "../settings/route-config.ts";
import { hostsOf, methodsWithBody } from "../settings/route-matching.ts";
import { routeName } from "../settings/route-name.ts";
import { fallbackKeyProblems } from "./fallback-key-problems.ts";
import { reasonsAgainst } from "./reasons-against.ts";
import { routeAiProblems } from "./route-ai-problems.ts";
import { routeHeaderProblems } from "./route-header-problems.ts";
import { rewriteProblems, serviceProblems } from "./route-service-problems.ts";
import { TakenPaths } from "./taken-paths.ts";

/** What a route may set of a built-in service. */
const policyKeys: readonly string[] = ["scopes", "tiers", "limits", "screening", "concurrency"];
/** What else is named in limits, health and metrics. */
const serviceNames = builtInServices.map((name) => [name, "the built-in service"] as const);

const mayHaveBody: readonly string[] = [...methodsWithBody, "DELETE"];

/** What is wrong with the routes beyond the form of each: contradictions, and paths and names that are taken. */
export function routeProblems(config: GatewayConfig): string[] {
  const paths = new TakenPaths();
  const names = new Map<string, string>(serviceNames);
  return config.routes.flatMap((route, index) => {
    const place = `\`routes\`[${index}] ${route.path}`;
    const unreadable = pathProblems(route);
    if (unreadable.length > 0) return unreadable.map((problem) => `${place} ${problem}`);
    const name = routeName(route);
    const taken = paths.take(route, place);
    const problems = taken === undefined ? [...problemsOf(route, config), ...nameProblems(name, names.get(name))] : [taken];
    if (!names.has(name)) names.set(name, place);
    return problems.map((problem) => `${place} ${problem}`);
  });
}

/** One name would be one counter, one state of health and one series. */
function nameProblems(name: string, owner: string | undefined): string[] {
  if (owner === undefined) return [];
  return [`is named \`${name}\` in limits, health and metrics, as ${owner} is: give one of them another \`name\``];
}

function pathProblems(route: RouteConfig): string[] {
  const error = templateError(route.path);
  const strange = hostsOf(route).filter((host) => host !== undefined && !isHostPattern(host.toLowerCase()));
  return [
    ...(error === undefined ? [] : [`has a \`path\` that is none: it must be ${error}`]),
    ...strange.map(
      (host) => `has the \`host\` ${host}: write one without a port, such as api.example.com, or *.example.com for all below it`,
    ),
  ];
}

function problemsOf(route: RouteConfig, config: GatewayConfig): string[] {
  if (route.host === undefined) {
    if (isOwnPath(route.path))
      return [`is a built-in path that cannot be changed: choose another, such as /v1${route.path}, or set \`host\``];
    if (isServicePath(route.path)) return [...policyProblems(route), ...ownConcurrencyProblems(route)];
  }
  if (route.redirect !== undefined) return redirectProblems(route);
  const expanded = expandRoute(route);
  return [
    ...accessProblems(route),
    ...rewriteProblems(route),
    ...bodyProblems(expanded),
    ...missingService(route),
    ...schemaProblems(expanded, config),
    ...routeAiProblems(route),
    ...routeHeaderProblems(expanded),
    ...fallbackKeyProblems(expanded),
    ...serviceProblems(route),
    ...ownConcurrencyProblems(route),
  ];
}

function policyProblems(route: RouteConfig): string[] {
  const others = Object.keys(route).filter((key) => key !== "path" && !policyKeys.includes(key));
  return others.map((key) => `is built in and takes no \`${key}\`: only ${policyKeys.join(", ")}`);
}

function ownConcurrencyProblems({ concurrency }: RouteConfig): string[] {
  return concurrency === undefined ? [] : concurrencyProblems(concurrency);
}

const redirectKeys: readonly string[] = ["path", "host", "methods", "name", "redirect", "public", "limits", "summary"];

function redirectProblems(route: RouteConfig): string[] {
  const others = Object.keys(route).filter((key) => !redirectKeys.includes(key));
  return [...others.map((key) => `is redirected and takes no \`${key}\`: remove it, or \`redirect\``), ...rewriteProblems(route)];
}

function accessProblems({ public: isPublic, scopes, tiers }: RouteConfig): string[] {
  if (isPublic !== true || (scopes ?? tiers) === undefined) return [];
  return ["is `public`, so `scopes` and `tiers` mean nothing: remove one"];
}

function bodyProblems(route: ExpandedRoute): string[] {
  const { methods = ["GET"], query, body, screening, maxBodyBytes, maxStringLength, maxDepth, maxKeys } = route;
  const named = methods === "any" ? methodsWithBody : methods;
  const measures = { maxBodyBytes, maxStringLength, maxDepth, maxKeys };
  const idle = Object.entries(measures).filter(
    ([key, value]) => value !== undefined && (body === undefined || (key !== "maxBodyBytes" && body === "stream")),
  );
  return [
    ...(named.some((method) => methodsWithBody.includes(method)) && body === undefined
      ? ["needs `body`: a JSON Schema, or `stream` to let any body pass unchecked"]
      : []),
    ...(body !== undefined && !named.some((method) => mayHaveBody.includes(method))
      ? [`has a \`body\`, but none of ${mayHaveBody.join(", ")} in \`methods\``]
      : []),
    ...(screening !== undefined && body === "stream" && (query === undefined || query === "any")
      ? ["has `screening`, but `body: stream` passes unchecked: remove one"]
      : []),
    ...idle.map(([key]) => `has \`${key}\`, but ${body === undefined ? "takes no body" : "its body is not read"}: remove it`),
  ];
}

function missingService({ upstream, path }: RouteConfig): string[] {
  return upstream === undefined ? [`needs \`upstream\`, a list of origins such as http://notes:9000${misspeltPath(path)}`] : [];
}

/** A route without a service may be meant as the policy of a built-in one. */
function misspeltPath(path: string): string {
  const meant = nearest(path, servicePaths);
  return meant === undefined ? ", or `redirect`" : `, or is meant as the policy of ${meant}: correct its path`;
}

/** What is wrong with exclusions is reported once, by their own check. */
function schemaProblems(route: ExpandedRoute, { input, screening }: GatewayConfig): string[] {
  const reasons = reasonsAgainst(() => {
    const schemas = routeSchemas(route, { input, screening: { mode: screening.mode, exclude: [] } });
    if (schemas.query !== undefined || schemas.body !== undefined) compileInput(schemas);
  });
  return reasons.map((reason) => `has a schema that is not valid: ${reason}`);
}
