import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually, startDownstream } from "@aivillage/testing";

import { ConfigError, loadConfig } from "../src/index.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const startWith = (document: object) => startTestGateway({ CONFIG_FILE: configFile(document) });

const note = {
  type: "object",
  additionalProperties: false,
  required: ["text"],
  properties: { text: { type: "string", maxLength: 100, screen: "prose" }, tag: { type: "string", maxLength: 20, screen: "strict" } },
};

describe("a route of the configuration", () => {
  test("proxies path and query to its service, without the key", async () => {
    await using notes = await startDownstream({ body: { id: 7 } });
    const query = { type: "object", additionalProperties: false, properties: { page: { type: "integer", minimum: 1 } } };
    await using gateway = await startWith({ routes: [{ path: "/v1/notes/{id}", upstream: [notes.url], query }] });
    const response = await fetch(`${gateway.url}/v1/notes/a-7?page=2`, { headers: gateway.authorization });
    assert.deepEqual(await response.json(), { id: 7 });
    assert.equal(notes.received[0]?.url, "/v1/notes/a-7?page=2");
    assert.equal(notes.received[0]?.headers.authorization, undefined);
  });

  test("sends the parameters on in another path", async () => {
    await using notes = await startDownstream();
    const route = { path: "/v1/notes/{id}/parts/{part}", upstream: [`${notes.url}/base`], rewrite: "/internal/{part}/of/{id}" };
    await using gateway = await startWith({ routes: [route] });
    await (await fetch(`${gateway.url}/v1/notes/a/parts/b`, { headers: gateway.authorization })).text();
    assert.equal(notes.received[0]?.url, "/base/internal/b/of/a");
  });

  test("names the statuses that count as failures of its service", async () => {
    await using notes = await startDownstream({ status: 500 });
    const upstream = [notes.url];
    const routes = [
      { path: "/v1/notes", public: true, upstream, failureStatuses: [500] },
      { path: "/v1/others", public: true, upstream, failureStatuses: [502] },
    ];
    await using gateway = await startTestGateway({ TRUSTED_PROXIES: "127.0.0.1", CONFIG_FILE: configFile({ routes }) });
    const ask = async (path: string, client: number): Promise<number> => {
      const response = await fetch(gateway.url + path, { headers: { "x-forwarded-for": `192.0.2.${client}` } });
      await response.text();
      return response.status;
    };
    const askAll = (path: string) => Promise.all(Array.from({ length: 12 }, (_none, client) => ask(path, client + 1)));
    // Again when the machine is so busy that the breaker is closed before anyone looks.
    const isOpen = async (): Promise<boolean> => (await askAll("/v1/notes")) && (await ask("/v1/notes", 99)) === 503;
    await eventually(isOpen, "the breaker of /v1/notes opens");
    assert.deepEqual([...new Set(await askAll("/v1/others")), await ask("/v1/others", 99)], [500, 500]);
  });

  test("needs a key unless it is public, and the scopes and tiers that it names", async () => {
    await using notes = await startDownstream();
    const route = { upstream: [notes.url] };
    await using gateway = await startWith({
      routes: [
        { path: "/closed", ...route },
        { path: "/open", public: true, ...route },
        { path: "/scoped", scopes: ["notes"], ...route },
        { path: "/premium", tiers: ["premium"], ...route },
      ],
    });
    const status = async (path: string, headers = {}) => (await fetch(gateway.url + path, { headers })).status;
    assert.equal(await status("/closed"), 401);
    assert.equal(await status("/closed", gateway.authorization), 200);
    assert.equal(await status("/open"), 200);
    assert.equal(await status("/scoped", gateway.authorization), 200, "API_KEY has every scope");
    assert.equal(await status("/premium", gateway.authorization), 403);
  });

  test("checks and screens the body by its schema", async () => {
    await using notes = await startDownstream();
    await using gateway = await startWith({ routes: [{ path: "/v1/notes", methods: ["POST"], upstream: [notes.url], body: note }] });
    const statusOf = async (body: unknown) => (await gateway.post("/v1/notes", body)).status;
    assert.equal(await statusOf({ text: "What is SQL injection?", tag: "q1" }), 200);
    assert.equal(await statusOf({ text: 1 }), 422);
    assert.equal(await statusOf({ text: "fine", extra: true }), 422);
    assert.equal(await statusOf({ text: "fine", tag: "1' OR '1'='1" }), 422);
    assert.equal(notes.received.length, 1);
    assert.deepEqual(JSON.parse(notes.received[0]?.body.toString() ?? ""), { text: "What is SQL injection?", tag: "q1" });
  });

  test("lets any body pass when it says so", async () => {
    await using notes = await startDownstream();
    await using gateway = await startWith({ routes: [{ path: "/blobs", methods: ["PUT"], upstream: [notes.url], body: "stream" }] });
    const body = Buffer.alloc(300_000, "<script>");
    const response = await fetch(`${gateway.url}/blobs`, { method: "PUT", headers: gateway.authorization, body });
    assert.equal(response.status, 200);
    assert.ok(notes.received[0]?.body.equals(body));
  });

  test("has limits of its own beside those of the tier", async () => {
    await using notes = await startDownstream();
    await using gateway = await startWith({ routes: [{ path: "/few", upstream: [notes.url], limits: [{ requests: 2 }] }] });
    const ask = (path: string) => fetch(gateway.url + path, { headers: gateway.authorization });
    const statuses = [await ask("/few"), await ask("/few"), await ask("/few"), await ask("/")].map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 429, 200]);
  });

  test("is counted and logged by its template", async () => {
    await using notes = await startDownstream();
    await using gateway = await startWith({ routes: [{ path: "/n/{id}", public: true, upstream: [notes.url] }] });
    await (await fetch(`${gateway.url}/n/1`)).text();
    await (await fetch(`${gateway.url}/n/2`)).text();
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.match(metrics, /gateway_requests_total\{method="GET",endpoint="\/n\/\{id\}",status="200"\} 2/);
    assert.match(metrics, /gateway_downstream_requests_total\{service="n\.id",outcome="success"\} 2/);
    assert.equal(gateway.log.filter((line) => line["route"] === "/n/{id}").length, 2);
  });

  test("returns 405 to other methods, 404 to an invalid parameter, 400 to undeclared query parameters", async () => {
    await using notes = await startDownstream();
    await using gateway = await startWith({ routes: [{ path: "/n/{id}", public: true, upstream: [notes.url] }] });
    const ask = async (path: string, method = "GET") => {
      const response = await fetch(gateway.url + path, { method });
      return [response.status, response.headers.get("allow")];
    };
    assert.deepEqual(await ask("/n/1", "DELETE"), [405, "GET, HEAD"]);
    for (const path of ["/n/", "/n/a/b", "/n/..;", "/n/%2E%2E%2Fx", "/n/%00", "/N/1"]) {
      assert.deepEqual(await ask(path), [404, null], path);
    }
    assert.equal((await ask("/n/1?a=1"))[0], 422);
    assert.equal(notes.received.length, 0);
  });
});

describe("the policy of a built-in route", () => {
  test("takes scopes and limits of the configuration", async () => {
    await using gateway = await startWith({ routes: [{ path: "/v1/query", limits: [{ requests: 1, windowSeconds: 60 }] }] });
    assert.equal((await gateway.post("/v1/query", { query: "hello" })).status, 200);
    assert.equal((await gateway.post("/v1/query", { query: "hello" })).status, 429);
    assert.equal((await gateway.post("/v1/chat", { message: "hello" })).status, 200);
  });
});

describe("tiers and allowed clients", () => {
  test("a tier has the limit that the configuration names", async () => {
    await using gateway = await startWith({ rateLimit: { tiers: [{ name: "anonymous", requests: 2 }] } });
    const ask = async () => (await fetch(gateway.url)).status;
    assert.deepEqual([await ask(), await ask(), await ask()], [200, 200, 429]);
    assert.equal((await gateway.post("/v1/query", { query: "hello" })).status, 200);
  });

  test("an allowed client has no limit, and only listed clients read the metrics", async () => {
    await using gateway = await startTestGateway({
      RATE_LIMIT_REQUESTS: "1",
      RATE_LIMIT_ALLOW: "127.0.0.0/8",
      METRICS_ALLOW: "10.0.0.0/8",
    });
    for (let request = 0; request < 3; request += 1) assert.equal((await fetch(gateway.url)).status, 200);
    assert.equal((await fetch(`${gateway.url}/metrics`)).status, 403);
  });
});

describe("the paths of the Python gateway", () => {
  test("return 308 with the new path, when enabled", async () => {
    await using gateway = await startTestGateway({ ENABLE_LEGACY_PATHS: "true" });
    const moved = await fetch(`${gateway.url}/query?a=1`, { method: "POST", redirect: "manual" });
    assert.equal(moved.status, 308);
    assert.equal(moved.headers.get("location"), "/v1/query?a=1");
    assert.match(moved.headers.get("deprecation") ?? "", /^@\d+$/);
    assert.ok(Date.parse(moved.headers.get("sunset") ?? "") > Date.UTC(2026, 0));
    assert.equal(moved.headers.get("link"), '</v1/query>; rel="successor-version"');
    const followed = await gateway.post("/query", { query: "hello" });
    assert.equal(followed.status, 200);
    assert.equal((await fetch(`${gateway.url}/status`)).url, `${gateway.url}/healthz`);
  });

  test("are unknown otherwise", async () => {
    await using gateway = await startTestGateway();
    assert.equal((await fetch(`${gateway.url}/query`, { method: "POST" })).status, 404);
  });
});

describe("errors of routes", () => {
  const upstream = ["http://a:1"];
  const cases: readonly [name: string, routes: unknown, expected: RegExp][] = [
    ["no path", [{}], /^`routes`\[0\] needs `path`, a path that begins with a slash, such as \/v1/],
    ["an unknown key", [{ path: "/a", upstream, upstrem: 1 }], /^`routes`\[0\] \/a `upstrem` is unknown: did you mean `upstream`\?$/],
    [
      "a method that is none",
      [{ path: "/a", upstream, methods: ["FETCH"] }],
      /^`routes`\[0\] \/a `methods\[0\]` must be one of GET, HEAD, POST/,
    ],
    ["no service", [{ path: "/a" }], /^`routes`\[0\] \/a needs `upstream`/],
    ["a built-in path", [{ path: "/healthz", upstream }], /is a built-in path that cannot be changed/],
    ["another service for a built-in route", [{ path: "/v1/query", upstream }], /is built in and takes no `upstream`/],
    [
      "the same template twice",
      [
        { path: "/a/{x}", upstream },
        { path: "/a/{y}", upstream },
      ],
      /^`routes`\[1\] \/a\/\{y\} takes GET of the path that `routes`\[0\] \/a\/\{x\} takes too: keep one/,
    ],
    ["no word on the body", [{ path: "/a", upstream, methods: ["POST"] }], /needs `body`: a JSON Schema, or `stream`/],
    ["a body without a method for it", [{ path: "/a", upstream, body: "stream" }], /has a `body`, but none of POST, PUT, PATCH/],
    ["public with scopes", [{ path: "/a", upstream, public: true, scopes: ["a"] }], /is `public`, so `scopes` and `tiers` mean nothing/],
    ["an unknown parameter", [{ path: "/a", upstream, rewrite: "/{id}" }], /has \{id\} in `rewrite`, but not in `path`/],
    ["a bad schema", [{ path: "/a", upstream, methods: ["PUT"], body: { type: "strin" } }], /has a schema that is not valid/],
    ["no list", { path: "/a" }, /^`routes` in .* must be a list of objects, got a mapping$/],
  ];
  for (const [name, routes, expected] of cases) {
    test(`${name} is reported`, () => {
      assert.throws(
        () => loadConfig({ env: {}, file: configFile({ routes }) }),
        (error: unknown) => {
          assert.ok(error instanceof ConfigError, String(error));
          assert.match(error.problems.join("\n"), expected);
          return true;
        },
      );
    });
  }
});
