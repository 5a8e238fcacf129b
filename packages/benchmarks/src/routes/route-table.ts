import type { RequestShape } from "../traffic.ts";

/** The routes that are asked, one of each kind; those of a larger table stand beside them. */
const kinds = [
  (upstream: string, index: number) => ({ path: `/service-${index}/items/{id}`, upstream: [upstream] }),
  (upstream: string, index: number) => ({ path: `/wild-${index}/*`, upstream: [upstream], rewrite: "/*" }),
  (upstream: string, index: number) => ({ path: `/files-${index}/{path+}`, upstream: [upstream], query: "any" }),
  (upstream: string, index: number) => ({ path: "/*", host: `tenant-${index}.example.com`, upstream: [upstream] }),
  (upstream: string, index: number) => ({ path: `/v1/fixed-${index}`, host: "*.wide.example.com", upstream: [upstream] }),
] as const;

/** A configuration with this many routes, of which the first five are the same in each: parameters, wildcards, hosts and patterns of hosts. */
export function routeTable(count: number, upstream: string): object {
  const routes = Array.from({ length: count }, (_none, index) => {
    const make = kinds[index % kinds.length] ?? kinds[0];
    return { ...make(upstream, Math.floor(index / kinds.length)), public: true };
  });
  return { routes };
}

const get = (path: string, host: string): RequestShape => ({ method: "GET", path, headers: { Host: host } });

/** A request for each kind, in both configurations. */
export const routeRequests: Readonly<Record<string, RequestShape>> = {
  "a parameter": get("/service-0/items/4711", "api.example.com"),
  "a wildcard, rewritten": get("/wild-0/a/b/c", "api.example.com"),
  "several segments": get("/files-0/a/b/c.txt", "api.example.com"),
  "a host": get("/a/b", "tenant-0.example.com"),
  "a pattern of hosts": get("/v1/fixed-0", "x.wide.example.com"),
};
