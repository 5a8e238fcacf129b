/* oxlint-disable typescript/unbound-method -- functions of CommonJS modules, which have no types here */
// Runs as `all-packages.test.js` in a CommonJS project without a configuration of Jest.
const { once } = require("node:events");
const { mkdtempSync, readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const { accessLog, createLogger } = require("@aivillage/access-log");
const { apiKeyAuth, createApiKey, getPrincipal, requirePrincipal } = require("@aivillage/api-key-auth");
const { createKey, followKeysFile } = require("@aivillage/api-key-auth/keys-file");
const { clientIp, getClientIp } = require("@aivillage/client-ip");
const { downstreamProxy } = require("@aivillage/downstream-proxy");
const { fileUpload, getUpload } = require("@aivillage/file-upload");
const { createGateway, loadConfig } = require("@aivillage/gateway");
const { healthCascade } = require("@aivillage/health-cascade");
const { httpServer, stopServer } = require("@aivillage/http-server");
const { getInput, sanitizeInput } = require("@aivillage/input-sanitizer");
const { metrics, metricsEndpoint, Registry } = require("@aivillage/metrics");
const { HttpProblem } = require("@aivillage/middleware");
const { notFound, problemDetails } = require("@aivillage/problem-details");
const { rateLimit } = require("@aivillage/rate-limit");
const { getRequestId, requestId } = require("@aivillage/request-id");
const { getRoute, router } = require("@aivillage/router");
const { screen } = require("@aivillage/screening");
const { securityHeaders } = require("@aivillage/security-headers");
const { tracing } = require("@aivillage/tracing");
const express = require("express");

jest.setTimeout(60_000);

const running = [];
const lines = [];
afterAll(() => Promise.all(running.map((close) => close())));

async function serve(server) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  running.push(() => stopServer(server, { idleMs: 0, drainMs: 100 }));
  return `http://127.0.0.1:${server.address().port}`;
}

const { key, ...stored } = createApiKey();
const bearer = { Authorization: `Bearer ${key}` };

async function serveApp() {
  const upstream = await serve(createServer((req, res) => res.end(JSON.stringify({ path: req.url }))));
  const health = healthCascade({ deadlineMs: 10_000, timeoutMs: 10_000, services: { upstream: { url: upstream } } });
  const proxy = downstreamProxy({ target: upstream });
  running.push(() => health.close());
  running.push(() => proxy.close());
  const registry = new Registry();
  const app = express();
  app.use(
    clientIp(),
    requestId(),
    tracing(),
    accessLog({ logger: createLogger({ destination: { write: (line) => lines.push(line) } }) }),
    securityHeaders(),
  );
  app.use(metrics({ registry, endpoint: (req) => req.route?.path ?? getRoute(req) }));
  app.get("/metrics", metricsEndpoint({ registry }));
  app.all("/healthz", health);
  app.get("/me", apiKeyAuth({ keys: [{ id: "ada", ...stored }] }), requirePrincipal(), (req, res) =>
    res.json({ id: getPrincipal(req).id, ip: getClientIp(req) }),
  );
  app.post(
    "/ask",
    sanitizeInput({
      body: { type: "object", required: ["query"], additionalProperties: false, properties: { query: { type: "string" } } },
    }),
    (req, res) => res.json({ asked: getInput(req).body.query, request: getRequestId(req) }),
  );
  app.post("/upload", fileUpload(), (req, res, next) => {
    const { body, summary } = getUpload(req);
    body.resume();
    summary.then((parts) => res.json(parts), next);
  });
  app.get("/limited", rateLimit({ limit: 1, windowMs: 60_000 }), (_req, res) => res.end());
  app.use("/proxied", proxy);
  app.use(router({ routes: { "/notes/{id}": { GET: (req, res) => void res.end(getRoute(req)) } } }));
  app.get("/async", async () => Promise.reject(new HttpProblem({ status: 409, type: "conflict" })));
  app.get("/core-error", (_req, _res, next) => next(new Error("no such file", { cause: missingFile() })));
  app.use(notFound(), problemDetails());
  return serve(httpServer(app));
}

function missingFile() {
  try {
    return readFileSync("/missing");
  } catch (error) {
    return error;
  }
}

let address;
beforeAll(async () => (address = await serveApp()));

const ask = async (path, init) => {
  const response = await fetch(address + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
};
const json = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

test("a key lets a client in, and its absence is a problem document", async () => {
  const refused = await ask("/me");
  expect([refused.status, refused.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
  expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer/);
  expect((await ask("/me", { headers: bearer })).json()).toEqual({ id: "ada", ip: "127.0.0.1" });
});

test("a body is validated and screened", async () => {
  const accepted = await ask("/ask", json({ query: "what is a tide?" }));
  expect(accepted.json()).toEqual({ asked: "what is a tide?", request: accepted.headers.get("x-request-id") });
  expect((await ask("/ask", json({ question: 1 }))).status).toBe(422);
  expect((await ask("/ask", json({ query: "4711'; drop table invoices --" }))).status).toBe(422);
  expect(screen("4711'; drop table invoices --", { profile: "prose" })).not.toEqual([]);
});

test("an upload is checked while it streams", async () => {
  const body = new FormData();
  body.append("file", new Blob(["%PDF-1.7\n"], { type: "application/pdf" }), "tide.pdf");
  const { status, text } = await ask("/upload", { method: "POST", body });
  expect([status, text]).toEqual([200, expect.stringContaining("tide.pdf")]);
});

test("a limit is charged", async () => {
  expect((await ask("/limited")).status).toBe(200);
  const refused = await ask("/limited");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, expect.stringMatching(/^\d+$/)]);
});

test("requests are forwarded, routed, counted and answered with security headers", async () => {
  expect((await ask("/proxied/tides?day=1")).json()).toEqual({ path: "/proxied/tides?day=1" });
  expect((await ask("/notes/7")).text).toBe("/notes/{id}");
  expect((await ask("/healthz")).json().services.upstream.status).toBe("healthy");
  const missing = await ask("/missing");
  expect([missing.status, missing.headers.get("x-frame-options")]).toEqual([404, "DENY"]);
  expect((await ask("/async")).status).toBe(409);
  expect((await ask("/core-error")).status).toBe(500);
  expect(lines.join("")).toContain("/proxied/tides");
  expect((await ask("/metrics")).text).toContain("gateway_requests_total");
});

test("a keys file is written and followed", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "jest-keys-")), "keys.yaml");
  require("node:fs").writeFileSync(file, "keys: []\n", { mode: 0o600 });
  const created = await createKey(file, { id: "bob" });
  const followed = followKeysFile(file);
  expect(followed.ring.check(created.key, Date.now())).toMatchObject({ id: "bob" });
  followed.close();
});

test("a gateway is made from its configuration", async () => {
  const gateway = createGateway(loadConfig({ env: { LOG_LEVEL: "ERROR" } }));
  running.push(() => gateway.close());
  expect((await fetch(await serve(createServer(gateway.handler)))).status).toBe(200);
});
