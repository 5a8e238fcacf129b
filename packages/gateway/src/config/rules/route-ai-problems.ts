import { dialects, renameModels } from "@aivillage/ai-call";

import { aiSchemas, isAiSchemaName } from "../settings/ai-schemas.ts";
import { keyHeaderOf } from "../settings/expand-route.ts";
import type { ModelNames } from "../settings/model-names.ts";
import { aiRouteOf } from "../settings/route-ai.ts";
import type { RouteConfig } from "../settings/route-config.ts";
import { reasonsAgainst } from "./reasons-against.ts";

/** What contradicts itself in what a route says of its models. */
export function routeAiProblems(route: RouteConfig): string[] {
  return [...callProblems(route), ...schemaNameProblems(route), ...keyProblems(route), ...modelNameProblems(route)];
}

function callProblems(route: RouteConfig): string[] {
  const { methods = ["POST"], fallback } = route;
  const call = aiRouteOf(route);
  if (call === undefined) return [];
  const { stream, maxOutputTokens, usageRequest } = dialects.get(call.dialect)?.request ?? {};
  return [
    ...(methods !== "any" && !methods.includes("POST") ? ["has `ai`, but no POST in `methods`: calls of models are sent by POST"] : []),
    ...(call.failOverOn !== undefined && fallback === undefined ? ["has `ai.failOverOn` without `fallback`: remove it"] : []),
    ...(call.maxOutputTokens !== undefined && maxOutputTokens?.length === 0
      ? [`has \`ai.maxOutputTokens\`, but ${call.dialect} has no output: remove it`]
      : []),
    ...(call.limitMember !== undefined && maxOutputTokens?.includes(call.limitMember) === false
      ? [`has \`ai.limitMember: ${call.limitMember}\`, which ${call.dialect} does not have: ${limitRemedy(maxOutputTokens)}`]
      : []),
    ...(call.askUsage !== undefined && (stream === undefined || usageRequest === undefined)
      ? [
          `has \`ai.askUsage\`, but ${call.dialect} ${stream === undefined ? "has no streams" : "reports usage without being asked"}: remove it`,
        ]
      : []),
  ];
}

function limitRemedy(names: readonly string[]): string {
  return names.length === 0 ? "remove it" : `write one of ${names.join(", ")}`;
}

function schemaNameProblems(route: RouteConfig): string[] {
  const { body } = route;
  const call = aiRouteOf(route);
  if (!isAiSchemaName(body) || call === undefined || call.dialect === body) return [];
  return [`has \`body: ${body}\`, but \`ai\` says ${call.dialect}: ${remedyFor(call.dialect)}`];
}

function remedyFor(dialect: string): string {
  return Object.hasOwn(aiSchemas, dialect) ? `write \`body: ${dialect}\`` : "give a JSON Schema, or remove it";
}

function keyProblems(route: RouteConfig): string[] {
  const { upstreamKeyFile, upstreamKeyHeader, requestHeaders = {}, forwardAuthorization = false } = route;
  if (upstreamKeyFile === undefined) {
    return upstreamKeyHeader === undefined ? [] : ["has `upstreamKeyHeader` without `upstreamKeyFile`: remove it"];
  }
  const header = keyHeaderOf(route);
  const rival = Object.keys(requestHeaders).find((name) => name.toLowerCase() === header);
  return [
    ...(rival === undefined ? [] : [`sets \`${header}\` by \`upstreamKeyFile\` and by \`requestHeaders\`: keep one`]),
    ...(forwardAuthorization ? ["has `upstreamKeyFile` and `forwardAuthorization`, two keys for one service: keep one"] : []),
  ];
}

function modelNameProblems(route: RouteConfig): string[] {
  const { fallback = [] } = route;
  const call = aiRouteOf(route);
  const named: readonly (readonly [place: string, names: ModelNames | undefined])[] = [
    ["ai.modelNames", call?.modelNames],
    ...fallback.map(({ modelNames }, index) => [`fallback[${index}].modelNames`, modelNames] as const),
  ];
  return named.flatMap(([place, names]) => {
    if (names === undefined) return [];
    if (call === undefined) return [`has \`${place}\` without \`ai\`, which reads the model of a call: set \`ai\`, or remove it`];
    return reasonsAgainst(() => renameModels(names)).map((reason) => `has a problem in \`${place}\`: ${reason}`);
  });
}
