import { templateShape } from "@aivillage/router";

import { isServicePath } from "../settings/built-in-paths.ts";
import type { RouteConfig } from "../settings/route-config.ts";
import { hostsOf, methodsOf } from "../settings/route-matching.ts";

interface Taken {
  readonly route: RouteConfig;
  readonly place: string;
}

/** Which route takes which paths, by which methods. */
export class TakenPaths {
  /** By host and shape of the path. */
  readonly #taken = new Map<string, Taken[]>();

  /**
   * Takes the paths of a route.
   *
   * @param place the name of the route in errors
   * @returns what is wrong when another route has them
   */
  take(route: RouteConfig, place: string): string | undefined {
    const lists = hostsOf(route).map((host = "") => this.#listOf(`${host.toLowerCase()}${templateShape(route.path)}`));
    const problem = lists
      .flat()
      .map((other) => conflictOf(route, other))
      .find((found) => found !== undefined);
    for (const list of lists) list.push({ route, place });
    return problem;
  }

  #listOf(key: string): Taken[] {
    const list = this.#taken.get(key) ?? [];
    this.#taken.set(key, list);
    return list;
  }
}

/** Routes of one path divide its methods among them; `any` is for those that no other route names. */
function conflictOf(route: RouteConfig, { route: other, place }: Taken): string | undefined {
  if (route.host === undefined && isServicePath(route.path)) return `is the path of another route too, ${place}: keep one`;
  const methods = methodsOf(other);
  const both = methodsOf(route).filter((method) => methods.includes(method));
  if (both.length > 0) {
    const names = both.includes("ANY") ? "any method" : both.join(", ");
    return `takes ${names} of the path that ${place} takes too: keep one, or give them different \`methods\``;
  }
  return route.path === other.path ? undefined : `matches the same paths as ${place}: write the path of both alike`;
}
