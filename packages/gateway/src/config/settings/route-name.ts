import { hash } from "node:crypto";

import { hostsOf, type RouteMatching } from "./route-matching.ts";

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
  return name.length <= longest ? name : `${name.slice(0, longest - 9)}-${hash("sha256", text).slice(0, 8)}`;
}
