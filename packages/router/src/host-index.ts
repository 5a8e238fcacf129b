import { tolerantForm } from "./path-values.ts";
import { type Found, RouteIndex } from "./route-index.ts";
import type { TemplateSegment } from "./template-segment.ts";

const label = "[a-z\\d](?:[a-z\\d-]{0,61}[a-z\\d])?";
const hostForm = new RegExp(`^(?:\\*\\.)?${label}(?:\\.${label})*$|^\\[[\\da-f:.]+\\]$`);

/** Whether a text, in lower case, is a host without a port, or `*.` and a domain for all hosts below it. */
export function isHostPattern(text: string): boolean {
  return text.length <= 253 && hostForm.test(text);
}

/** The host of a `Host` header without its port and the dot of a full name, in lower case. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}

/**
 * The routes of each host. What a host has no route for is looked up for the patterns that cover it, the longest first, and then
 * for all hosts.
 */
export class HostIndex<T> {
  readonly #all = new HostRoutes<T>();
  readonly #exact = new Map<string, HostRoutes<T>>();
  /** By what follows the `*`. */
  readonly #below = new Map<string, HostRoutes<T>>();

  /**
   * Adds a template.
   *
   * @param host a host or pattern; `undefined` for all hosts
   * @returns the value of the template that matches the same requests and stays; `undefined` when there is none
   */
  add(host: string | undefined, segments: readonly TemplateSegment[], value: T): T | undefined {
    return this.#indexFor(host?.toLowerCase()).add(segments, value);
  }

  /**
   * Finds the route of a request. When an upstream server may read the path as that of another route, there is none: nobody knows which of
   * the two was checked.
   */
  find(host: string | undefined, path: string): Found<T> | undefined {
    const found = this.#find(host, (routes) => routes.exact.find(path));
    if (found === undefined || found.segments.length === 0) return found;
    const tolerant = tolerantForm(path);
    const isSame = (other: string): boolean => {
      const read = this.#find(host, (routes) => routes.tolerant.find(other));
      return read === undefined || read.value.has(found.value);
    };
    if (!isSame(tolerant)) return undefined;
    // An empty rest stands for exactly this path.
    const endsOpen = tolerant.length > 1 && tolerant.endsWith("/") && found.segments.at(-1) !== "";
    return endsOpen && !isSame(tolerant.slice(0, -1)) ? undefined : found;
  }

  #indexFor(host: string | undefined): HostRoutes<T> {
    if (host === undefined) return this.#all;
    const [indexes, key] = host.startsWith("*.") ? [this.#below, host.slice(1)] : [this.#exact, host];
    const known = indexes.get(key) ?? new HostRoutes<T>();
    indexes.set(key, known);
    return known;
  }

  /** Looks into the routes of the host, of the patterns that cover it, and of all hosts, until one of them finds something. */
  #find<R>(host: string | undefined, look: (routes: HostRoutes<T>) => R | undefined): R | undefined {
    if (host === undefined || (this.#exact.size === 0 && this.#below.size === 0)) return look(this.#all);
    const name = hostName(host);
    const exact = this.#exact.get(name);
    const found = exact && look(exact);
    if (found !== undefined || this.#below.size === 0) return found ?? look(this.#all);
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      const below = this.#below.get(name.slice(dot));
      const foundBelow = below && look(below);
      if (foundBelow !== undefined) return foundBelow;
    }
    return look(this.#all);
  }
}

/** The routes of one host, as they are written, and as a server may read them that ignores case: there, several may be one. */
class HostRoutes<T> {
  readonly exact = new RouteIndex<T>();
  readonly tolerant = new RouteIndex<Set<T>>();

  add(segments: readonly TemplateSegment[], value: T): T | undefined {
    const other = this.exact.add(segments, value);
    if (other === undefined) this.tolerant.add(segments.map(tolerantSegment), new Set([value]))?.add(value);
    return other;
  }
}

function tolerantSegment(segment: TemplateSegment): TemplateSegment {
  return segment.kind === "text" ? { kind: "text", text: tolerantForm(segment.text) } : segment;
}
