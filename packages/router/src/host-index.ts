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
  readonly #all = new RouteIndex<T>();
  readonly #exact = new Map<string, RouteIndex<T>>();
  /** By what follows the `*`. */
  readonly #below = new Map<string, RouteIndex<T>>();

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
   * Finds the route of a request. When a server behind may read the path as that of another route, there is none: nobody knows which of
   * the two was checked.
   */
  find(host: string | undefined, path: string): Found<T> | undefined {
    const found = this.#findExactly(host, path);
    if (found === undefined || found.segments.length === 0) return found;
    const folded = tolerantForm(path) ?? path;
    const isSame = (other: string): boolean => [undefined, found.value].includes(this.#findExactly(host, other)?.value);
    if (folded !== path && !isSame(folded)) return undefined;
    // An empty rest stands for exactly this path.
    const endsOpen = folded.length > 1 && folded.endsWith("/") && found.segments.at(-1) !== "";
    return endsOpen && !isSame(folded.slice(0, -1)) ? undefined : found;
  }

  #indexFor(host: string | undefined): RouteIndex<T> {
    if (host === undefined) return this.#all;
    const [indexes, key] = host.startsWith("*.") ? [this.#below, host.slice(1)] : [this.#exact, host];
    const known = indexes.get(key) ?? new RouteIndex<T>();
    indexes.set(key, known);
    return known;
  }

  #findExactly(host: string | undefined, path: string): Found<T> | undefined {
    if (host === undefined || (this.#exact.size === 0 && this.#below.size === 0)) return this.#all.find(path);
    const name = hostName(host);
    const found = this.#exact.get(name)?.find(path);
    if (found !== undefined || this.#below.size === 0) return found ?? this.#all.find(path);
    for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
      const below = this.#below.get(name.slice(dot))?.find(path);
      if (below !== undefined) return below;
    }
    return this.#all.find(path);
  }
}
