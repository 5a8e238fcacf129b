/**
 * What other gateways, proxies and middlewares call a key, and the keys here that do the same. The first that exists at the location counts.
 *
 * `nearest()` cannot find them: they are no misspellings. From nginx, Kong, Traefik, Envoy, Caddy, LiteLLM, express-rate-limit,
 * http-proxy-middleware and fastify.
 */
export const foreignNames: Readonly<Record<string, readonly string[]>> = {
  // where requests go
  apiBase: ["upstream"],
  backend: ["upstream"],
  backends: ["upstream"],
  cluster: ["upstream"],
  destination: ["upstream"],
  loadBalancer: ["upstream"],
  proxyPass: ["upstream"],
  reverseProxy: ["upstream"],
  server: ["upstream"],
  servers: ["upstream"],
  service: ["upstream"],
  services: ["upstream"],
  target: ["upstream"],
  to: ["upstream"],
  url: ["upstream"],
  urls: ["upstream"],
  // which requests, and as what they arrive
  location: ["path"],
  match: ["path"],
  prefix: ["path"],
  rule: ["path"],
  uri: ["path"],
  serverName: ["host"],
  pathRewrite: ["rewrite"],
  prefixRewrite: ["rewrite"],
  rewritePrefix: ["rewrite"],
  stripPath: ["rewrite"],
  stripPrefix: ["rewrite"],
  return: ["redirect"],
  ws: ["websocket"],
  // what a route demands and changes
  auth: ["public"],
  authentication: ["public"],
  permissions: ["scopes"],
  roles: ["scopes"],
  rateLimit: ["limits"],
  rateLimiting: ["limits", "rateLimit"],
  throttle: ["limits", "rateLimit"],
  schema: ["body"],
  addHeader: ["responseHeaders"],
  headers: ["requestHeaders"],
  proxySetHeader: ["requestHeaders"],
  bodyLimit: ["maxBodyBytes", "input.maxBodyBytes"],
  clientMaxBodySize: ["maxBodyBytes", "input.maxBodyBytes"],
  connectTimeout: ["timeouts.connect"],
  proxyConnectTimeout: ["timeouts.connect"],
  proxyReadTimeout: ["timeouts.idle"],
  readTimeout: ["timeouts.idle"],
  circuitBreaker: ["breaker"],
  outlierDetection: ["ejection"],
  // limits
  limit: ["requests"],
  max: ["requests"],
  minute: ["requests"],
  duration: ["windowSeconds"],
  period: ["windowSeconds"],
  window: ["windowSeconds"],
  windowMs: ["windowSeconds"],
  redis: ["redisUrl", "rateLimit.redisUrl"],
  // the gateway itself
  address: ["server.host"],
  bind: ["server.host"],
  listen: ["server.port"],
  port: ["server.port"],
  realIpFrom: ["trustedProxies", "server.trustedProxies"],
  trustProxy: ["trustedProxies", "server.trustedProxies"],
  workerProcesses: ["server.workers"],
  workers: ["server.workers"],
  apiKey: ["auth.apiKey"],
  jwt: ["auth.jwt"],
  masterKey: ["auth.apiKey"],
  endpoints: ["routes"],
  http: ["routes"],
  modelList: ["routes"],
  upstreams: ["routes"],
  logging: ["log"],
  logLevel: ["log.level"],
  // pages of other origins
  allowOrigins: ["origins"],
  allowHeaders: ["allowedHeaders"],
  exposeHeaders: ["exposedHeaders"],
  maxAge: ["maxAgeSeconds"],
};

const byPlainName = new Map(Object.entries(foreignNames).map(([name, meant]) => [plain(name), meant]));

/**
 * The key that a name of other software stands for, in any spelling such as `proxy_pass` or `proxyPass`.
 *
 * @param known keys at the same location; a dotted one is a key within a group
 */
export function foreignName(name: string, known: readonly string[]): string | undefined {
  const isKnown = (meant: string): boolean =>
    known.some((key) => key === meant || key.startsWith(`${meant}.`) || meant.startsWith(`${key}.`));
  return byPlainName.get(plain(name))?.find(isKnown);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}
