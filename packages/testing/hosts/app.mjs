import { createServer } from "node:http";

import { accessLog } from "@aivillage/access-log";
import { apiKeyAuth, getPrincipal, requireScope } from "@aivillage/api-key-auth";
import { clientIp, getClientIp } from "@aivillage/client-ip";
import { downstreamProxy } from "@aivillage/downstream-proxy";
import { fileUpload, getUpload } from "@aivillage/file-upload";
import { healthCascade, liveness } from "@aivillage/health-cascade";
import { getInput, sanitizeInput } from "@aivillage/input-sanitizer";
import { metrics, metricsEndpoint, Registry } from "@aivillage/metrics";
import { compose, HttpProblem, passError } from "@aivillage/middleware";
import { rateLimit } from "@aivillage/rate-limit";
import { getRequestId, requestId } from "@aivillage/request-id";
import { securityHeaders } from "@aivillage/security-headers";

export const key = "dev-gateway-key-12345";

const json = (res, document) => {
  res.statusCode = 200;
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify(document));
};

/** A backend that echoes, and that sends the second and third event when `release` is asked for. */
export async function startBackend() {
  const { promise: released, resolve: release } = Promise.withResolvers();
  const server = createServer(async (req, res) => {
    if (req.url.endsWith("/events")) {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      res.write("data: 1\n\n");
      await released;
      return res.end("data: 2\n\ndata: 3\n\n");
    }
    if (req.url.endsWith("/release")) release();
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    json(res, { method: req.method, body: Buffer.concat(chunks).toString() });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.closeAllConnections(), server.close()) };
}

/** All packages as connect-style handlers, in the order in which a team would mount them; paths are matched by the handlers. */
export function makeHandlers(backendUrl, lines) {
  const registry = new Registry();
  const pathOf = (req) => (req.originalUrl ?? req.url).split("?")[0];
  const at = (path, ...handlers) => {
    const handler = compose(...handlers);
    return (req, res, next) => (pathOf(req).startsWith(path) ? handler(req, res, next) : next());
  };
  const log = { info: (line) => lines.push(line), warn: (line) => lines.push(line), error: (line) => lines.push(line) };
  const auth = apiKeyAuth({ keys: [{ id: "ada", secret: key, scopes: ["read"] }], carriers: ["authorization", "x-api-key"] });
  const schema = {
    type: "object",
    required: ["text"],
    properties: { text: { type: "string", maxLength: 20 } },
    additionalProperties: false,
  };
  const health = healthCascade({ services: { backend: { url: backendUrl } } });
  const proxy = proxyTo(backendUrl);
  const dead = proxyTo("http://127.0.0.1:9");
  const handlers = [
    requestId(),
    clientIp(),
    accessLog({ logger: log, requestId: getRequestId, clientIp: getClientIp }),
    metrics({ registry, endpoint: pathOf, defaultMetrics: false }),
    securityHeaders(),
    at("/hello", (req, res) => json(res, { hello: "world", address: getClientIp(req) })),
    at("/limited", rateLimit({ limit: 1, windowMs: 60_000, clientIp: getClientIp }), (_req, res) => json(res, {})),
    at("/private", auth, (req, res) => json(res, { id: getPrincipal(req).id })),
    at("/scoped", auth, requireScope("write"), (_req, res) => json(res, {})),
    at("/echo", sanitizeInput({ body: schema, limits: { bodyBytes: 1_000 } }), (req, res) => json(res, getInput(req).body)),
    at("/upload", fileUpload(), (req, res, next) => {
      const upload = getUpload(req);
      upload.body.resume();
      void upload.summary.then((summary) => json(res, summary), next);
    }),
    at("/proxy", proxy),
    at("/dead", dead),
    at("/metrics", metricsEndpoint({ registry })),
    at("/livez", liveness()),
    at("/healthz", health),
    at("/coffee", (_req, res, next) =>
      passError(new HttpProblem({ status: 418, type: "teapot", detail: "Tea only.", headers: { "X-Tea": "green" } }), res, next),
    ),
    at("/broken", (_req, _res, next) => next(new Error("secret of the database"))),
  ];
  return { handlers, close: () => (proxy.close(), dead.close(), health.close()) };
}

/** On a runtime that cannot serve the proxy, its routes respond with the reason, and everything else is checked all the same. */
function proxyTo(target) {
  try {
    return downstreamProxy({ target });
  } catch (error) {
    return Object.assign((_req, res) => void res.writeHead(501).end(error.message), { close: () => Promise.resolve() });
  }
}
