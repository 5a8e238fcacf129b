/** The paths of the built-in services. The configuration may set `scopes`, `tiers`, `limits`, `screening` and `concurrency` of each. */
export const servicePaths = ["/v1/query", "/v1/chat", "/v1/upload"] as const;

/** The other paths that the gateway serves itself, those below `/docs/` included. */
export const ownPaths = ["/", "/healthz", "/livez", "/readyz", "/metrics", "/v1/budget", "/openapi.json", "/docs"] as const;

/** Every path of the table in `endpoints/built-in.ts`, whether its feature is on or off. */
export type BuiltInPath = (typeof servicePaths)[number] | (typeof ownPaths)[number] | `/docs/${string}`;

export function isServicePath(path: string): boolean {
  return servicePaths.some((each) => each === path);
}

/** Whether no configured route may take the path. The page at `/` gives way to one. */
export function isOwnPath(path: string): boolean {
  return path !== "/" && (path.startsWith("/docs/") || ownPaths.some((each) => each === path));
}
