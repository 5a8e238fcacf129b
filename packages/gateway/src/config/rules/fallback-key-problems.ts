import { FileSnapshot, isValidHeader } from "@aivillage/middleware";

import { ConfigError } from "../loader/config-error.ts";
import { readHeaderValue } from "../loader/header-values.ts";
import { credentialHeaders } from "../options/credential-headers.ts";
import { type ExpandedRoute, keyHeaderOf, keySource } from "../settings/expand-route.ts";
import type { RouteFallback } from "../settings/route-service.ts";

/** What is wrong with the keys of the fallbacks of a route. No key is repeated. */
export function fallbackKeyProblems(route: ExpandedRoute): string[] {
  const { fallback = [] } = route;
  return fallback.flatMap((entry, index) => {
    const place = `fallback[${index}]`;
    return keyProblems(route, entry, place).concat(sharingProblems(route, entry, place));
  });
}

function keyProblems(route: ExpandedRoute, { keyFile, keyHeader }: RouteFallback, place: string): string[] {
  if (keyFile === undefined) {
    return keyHeader === undefined ? [] : [`has \`${place}.keyHeader\` without \`keyFile\`: add the file with the key, or remove it`];
  }
  const header = keyHeader ?? keyHeaderOf(route);
  try {
    const isValid = isValidHeader(header, readHeaderValue(keySource(header, keyFile), new FileSnapshot()));
    return isValid ? [] : [`has a key in \`${place}.keyFile\` that no header can hold: write the key alone, in one line`];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((reason) => `has an error in \`${place}.keyFile\`: ${reason}`);
    throw error;
  }
}

function sharingProblems(route: ExpandedRoute, { keyFile, shareCredentials = false }: RouteFallback, place: string): string[] {
  if (!shareCredentials) return [];
  if (keyFile !== undefined) return [`has \`keyFile\` and \`shareCredentials\` in \`${place}\`: keep one`];
  return credentialHeaders(route).length === 0 ? [`has \`${place}.shareCredentials\`, but its service gets no credentials: remove it`] : [];
}
