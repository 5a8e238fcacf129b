import type { PathExchange } from "@aivillage/downstream-proxy";

/**
 * The template that a route leads to, with its rest marked: `{path}` keeps its slashes where the route has `{path+}`.
 *
 * @param path the path template of the route
 */
export function markRest(template: string, path: string): string {
  const rest = /\{(\w+)\+\}$/.exec(path)?.[1];
  return rest === undefined ? template : template.replaceAll(`{${rest}}`, `{${rest}+}`);
}

/** A template that is a text and a rest. */
const textAndRest = /^([^{}*]*\/)(?:\{(\w+)\+?\}|(\*))$/;

/**
 * How a path of the service becomes one of the gateway, for a route that only exchanges the beginning: `/app/*` with the rewrite `/*`.
 * `undefined` for any other.
 */
export function prefixExchange(template: string, path: string): PathExchange | undefined {
  const [, from, ...its] = textAndRest.exec(template) ?? [];
  const [, to, ...own] = /[+*]\}?$/.test(path) ? (textAndRest.exec(path) ?? []) : [];
  return from === undefined || to === undefined || from === to || its.join() !== own.join() ? undefined : { from, to };
}
