import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import { listen } from "@aivillage/testing";

import { needsBrowser, type Reading, readInBrowser, type Task } from "./browser.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const randomKey = (): string => randomBytes(32).toString("hex");

/** Allows every origin to read everything, as the middleware of many frameworks does. */
const echoing = () =>
  listen((req, res) => {
    res.setHeader("Access-Control-Allow-Origin", req.headers.origin ?? "*").setHeader("Access-Control-Allow-Credentials", "true");
    res.setHeader("Access-Control-Allow-Private-Network", "true").setHeader("Timing-Allow-Origin", "*");
    res.setHeader("Cross-Origin-Resource-Policy", "cross-origin").setHeader("X-Frame-Options", "ALLOWALL");
    if (req.url === "/public/events") return void res.writeHead(200, { "Content-Type": "text/event-stream" }).end("data: internal\n\n");
    res.writeHead(req.url === "/public/gone" ? 404 : 200, { "Content-Type": "application/json" }).end('{"internal":"readable"}');
  });

/** A body of text needs no preflight, so the request is sent without asking. */
function requestOf(method: string, path: string): Task["requests"][number] | undefined {
  if (method === "get") return { method: "GET", path };
  return method === "post" ? { method: "POST", path, body: '{"query":"Hello."}' } : undefined;
}

test("a page of a foreign origin reads nothing of a production gateway, and one of an allowed origin all", needsBrowser, async () => {
  await using service = await echoing();
  const open = { public: true, upstream: [service.url] };
  const routes = [
    { path: "/public/notes", ...open },
    { path: "/public/{id}", ...open },
    { path: "/public/form", methods: ["POST"], body: "stream", ...open },
    { path: "/closed", upstream: [service.url] },
  ];
  await using gateway = await startTestGateway({
    ENVIRONMENT: "production",
    API_KEY: randomKey(),
    SECRET_KEY: randomKey(),
    CORS_ORIGINS: "https://app.example",
    METRICS_ALLOW: "127.0.0.1",
    RATE_LIMIT_ALLOW: "127.0.0.1",
    TWIN_URL: service.url,
    AGENT_CONTROLLER_URL: service.url,
    KNOWLEDGE_SYSTEM_URL: service.url,
    CONFIG_FILE: configFile({ routes }),
  });
  const { paths } = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).flatMap((method) => requestOf(method, path.replace("{id}", "7")) ?? []),
  );
  const others = ["/docs", "/missing", "/public/gone", "/public/events"].map((path) => ({ method: "GET", path }));
  const requests = [...described, ...others];
  assert.ok(described.length >= 12);

  const task = { gateway: gateway.url, requests, streams: ["/public/events"] };
  const [allowed = [], foreign = []] = await readInBrowser(["https://app.example", "https://app.example.evil.example"], task);
  assert.deepEqual(foreign, []);
  const readBy = (how: string): string[] =>
    allowed.flatMap((reading) => (reading.how === how ? [`${reading.method} ${reading.path}`] : []));
  assert.deepEqual(readBy("fetch omit").toSorted(), requests.map(({ method, path }) => `${method} ${path}`).toSorted());
  assert.deepEqual(readBy("EventSource"), ["GET /public/events"]);
  assert.deepEqual(
    new Set(allowed.map(({ how }: Reading) => how)),
    new Set(["fetch omit", "EventSource"]),
    "no credentials, no frame, no timing",
  );
  assert.ok(allowed.some(({ path, what }) => path === "/public/notes" && what === '200 {"internal":"readable"}'));
});
