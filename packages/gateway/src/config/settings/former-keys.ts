import type { RouteService } from "./route-service.ts";

/** Keys of a route whose names have changed. Files with the former names go on working, and a start warns of each. */
export interface FormerKeys {
  /** Former name of `rewrite`. */
  upstreamPath?: string;
  /** Former name of `timeouts.headers` and `timeouts.idle`, in seconds. */
  timeoutSeconds?: number;
}

export const formerProperties = {
  upstreamPath: { description: "a path such as /v2/notes/{id}", type: "string", minLength: 1, maxLength: 2_048, deprecated: true },
  timeoutSeconds: { type: "integer", minimum: 1, maximum: 86_400, deprecated: true },
} as const;

const presentNames = { upstreamPath: "`rewrite`", timeoutSeconds: "`timeouts`, such as { headers: 30s, idle: 30s }" } as const;

type Renewable = FormerKeys & { rewrite?: string } & Pick<RouteService, "timeouts">;

/** Sets what a former name stands for, unless the present name is there too. */
export function renewKeys<Route extends Renewable>(route: Route): Route {
  const { upstreamPath, timeoutSeconds } = route;
  const seconds = `${timeoutSeconds}s`;
  return {
    ...(upstreamPath !== undefined && { rewrite: upstreamPath }),
    ...(timeoutSeconds !== undefined && { timeouts: { headers: seconds, idle: seconds } }),
    ...route,
  };
}

/** For each former name of a route, the advice to write the present one. */
export function formerKeys(route: FormerKeys): string[] {
  const names = Object.keys(presentNames) as (keyof FormerKeys)[];
  return names.filter((name) => route[name] !== undefined).map((name) => `\`${name}\` has a new name: write ${presentNames[name]}`);
}
