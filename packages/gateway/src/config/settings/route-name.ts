import { hash } from "node:crypto";

import { hostsOf, methodsOf, type RouteMatching } from "./route-matching.ts";

/** What limits, health and metrics take as a name. */
const longest = 60;

/** A name for what belongs to one route in limits, health and metrics, such as `v1.notes.id` for `/v1/notes/{id}`. */
export function routeName(route: RouteMatching): string {
  if (route.name !== undefined) return route.name;
  const [host] = hostsOf(route);
  const text = (host === undefined ? "" : `${host}/`) + route.path.slice(1);
  const name = (text === "" ? "root" : text)
    .replaceAll(/[{}+]/g, "")
    .replaceAll("*", "all")
    .replaceAll(/[^\w.-]/g, ".");
  return shortened(name, text);
}

/** @param text what the name is made from */
function shortened(name: string, text: string): string {
  return name.length <= longest ? name : `${name.slice(0, longest - 9)}-${hash("sha256", text).slice(0, 8)}`;
}

/** Gives each route that shares its path with an earlier one a name by its methods, such as `v1.items.post`. */
export function nameRoutes<Route extends RouteMatching>(routes: readonly Route[]): Route[] {
  const paths = new Set<string>();
  return routes.map((route) => {
    const [host = ""] = hostsOf(route);
    const path = host + route.path;
    if (route.name !== undefined || !paths.has(path)) {
      if (route.name === undefined) paths.add(path);
      return route;
    }
    const name = [routeName(route), ...methodsOf(route)].join(".").toLowerCase();
    return { ...route, name: shortened(name, name) };
  });
}
