import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startDownstream } from "@aivillage/testing";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const startWith = (document: object) => startTestGateway({ CONFIG_FILE: configFile(document) });

/** What a browser learns of a preflight. */
async function preflight(url: string, origin: string, asked = "x-a"): Promise<Record<string, string | null>> {
  const { headers } = await fetch(url, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": asked },
  });
  return {
    origin: headers.get("access-control-allow-origin"),
    credentials: headers.get("access-control-allow-credentials"),
    headers: headers.get("access-control-allow-headers"),
    maxAge: headers.get("access-control-max-age"),
  };
}

describe("the headers that pages may send", () => {
  test("are the usual ones, those of SDKs, and those that the configuration covers", async () => {
    await using gateway = await startWith({
      cors: { allowedHeaders: ["X-Tenant-*", "X-Exact"], exposedHeaders: ["X-Total"], maxAgeSeconds: 60 },
    });
    const asked = "x-stainless-os, mcp-session-id, anthropic-version, openai-beta, x-tenant-id, x-evil, x-exactly";
    const { headers, maxAge } = await preflight(`${gateway.url}/v1/query`, "https://a.example", asked);
    const allowed = new Set((headers ?? "").toLowerCase().split(","));
    for (const name of ["authorization", "content-type", "last-event-id", "x-exact", ...asked.split(", ").slice(0, 5)]) {
      assert.ok(allowed.has(name), name);
    }
    assert.ok(!allowed.has("x-evil") && !allowed.has("x-exactly") && !allowed.has("x-tenant-*"));
    assert.equal(maxAge, "60");
    assert.match((await fetch(gateway.url)).headers.get("access-control-expose-headers") ?? "", /Mcp-Session-Id,X-Total$/);
  });
});

describe("a pattern of origins", () => {
  test("stands for the origins below a domain, and for no other", async () => {
    await using gateway = await startWith({ cors: { origins: ["https://*.app.example", "https://other.example"] } });
    const allowed = async (origin: string) =>
      (await fetch(gateway.url, { headers: { origin } })).headers.get("access-control-allow-origin");
    for (const origin of ["https://a.app.example", "https://a.b.app.example", "https://other.example"]) {
      assert.equal(await allowed(origin), origin);
      assert.equal((await preflight(gateway.url, origin))["origin"], origin);
    }
    const foreign = ["https://app.example", "http://a.app.example", "https://a.app.example.evil", "https://evil.example/.app.example"];
    for (const origin of [...foreign, "https://aXappXexample", "https://.app.example", "https://a.app.example:8443", "null"]) {
      assert.equal(await allowed(origin), null, origin);
      assert.equal((await preflight(gateway.url, origin))["origin"], null, origin);
    }
  });
});

describe("CORS of a route", () => {
  test("holds for it alone, for preflights and errors too", async () => {
    await using service = await startDownstream();
    const route = { methods: ["GET", "POST"], body: "stream", upstream: [service.url] };
    await using gateway = await startWith({
      cors: { origins: ["https://all.example"] },
      routes: [
        { path: "/own/{id}", ...route, cors: { origins: ["https://own.example"], credentials: true, allowedHeaders: ["x-own"] } },
        { path: "/none", ...route, cors: false },
        { path: "/usual", ...route },
      ],
    });
    const own = await preflight(`${gateway.url}/own/7`, "https://own.example", "x-own");
    assert.deepEqual([own["origin"], own["credentials"]], ["https://own.example", "true"]);
    assert.match(own["headers"] ?? "", /x-own/);
    assert.equal((await preflight(`${gateway.url}/own/7`, "https://all.example"))["origin"], null);
    assert.equal((await preflight(`${gateway.url}/usual`, "https://all.example"))["origin"], "https://all.example");
    assert.equal((await preflight(`${gateway.url}/none`, "https://all.example"))["origin"], null);
    const refused = await fetch(`${gateway.url}/own/7`, { headers: { origin: "https://own.example" } });
    assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [401, "https://own.example"]);
    assert.equal(
      (await fetch(`${gateway.url}/none`, { headers: { origin: "https://all.example" } })).headers.get("access-control-allow-origin"),
      null,
    );
  });

  test("leaves OPTIONS that is no preflight to a route that serves it", async () => {
    await using service = await startDownstream({ headers: { allow: "GET, OPTIONS" } });
    await using gateway = await startWith({
      routes: [{ path: "/dav/*", methods: "any", body: "stream", public: true, upstream: [service.url] }],
    });
    assert.equal((await fetch(`${gateway.url}/dav/a`, { method: "OPTIONS" })).headers.get("allow"), "GET, OPTIONS");
    assert.equal((await preflight(`${gateway.url}/dav/a`, "https://a.example"))["origin"], "*");
    assert.equal(service.received.length, 1);
  });

  test("is for OPTIONS that a route serves too, and for their errors", async () => {
    await using service = await startDownstream();
    const route = { methods: "any", body: "stream", upstream: [service.url] };
    await using gateway = await startWith({
      cors: { origins: ["https://all.example", "https://*.app.example"] },
      routes: [
        { path: "/open/*", ...route, public: true },
        { path: "/keyed/*", ...route },
        { path: "/own/*", ...route, methods: ["POST", "OPTIONS"], public: true, cors: { origins: ["https://own.example"] } },
        { path: "/none/*", ...route, public: true, cors: false },
      ],
    });
    const ask = async (path: string, origin: string) => {
      const { status, headers } = await fetch(`${gateway.url}${path}`, { method: "OPTIONS", headers: { origin } });
      return [status, headers.get("access-control-allow-origin"), headers.get("vary"), headers.has("access-control-allow-methods")];
    };
    assert.deepEqual(await ask("/open/a", "https://all.example"), [200, "https://all.example", "Origin", false]);
    assert.deepEqual(await ask("/open/a", "https://x.app.example"), [200, "https://x.app.example", "Origin", false]);
    assert.deepEqual(await ask("/open/a", "https://evil.example"), [200, null, "Origin", false]);
    assert.deepEqual(await ask("/keyed/a", "https://all.example"), [401, "https://all.example", "Origin", false]);
    assert.deepEqual(await ask("/own/a", "https://own.example"), [200, "https://own.example", "Origin", false]);
    assert.deepEqual(await ask("/none/a", "https://all.example"), [200, null, null, false]);
    const { headers } = await fetch(`${gateway.url}/open/a`, {
      method: "OPTIONS",
      headers: { origin: "https://all.example", "access-control-request-method": "OPTIONS" },
    });
    assert.match(headers.get("access-control-allow-methods") ?? "", /(^|,)OPTIONS($|,)/);
  });

  test("that contradicts itself is reported", () => {
    const problemOf = (cors: unknown) =>
      problemsOf({ env: {}, file: configFile({ routes: [{ path: "/a", upstream: ["http://a:1"], cors }] }) }).join("\n");
    assert.match(problemOf({ credentials: true, origins: ["*"] }), /allows credentials to every origin, which browsers refuse/);
    assert.match(problemOf({ origins: ["https://a.example/"] }), /lists https:\/\/a\.example\/ as an origin: write one such as/);
    assert.match(problemOf(true), /`cors` must be false, or an object of origins/);
    assert.match(problemsOf({ env: { CORS_CREDENTIALS: "true" } }).join("\n"), /CORS_CREDENTIALS allows credentials to every origin/);
  });
});
