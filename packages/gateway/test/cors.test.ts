import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { listen } from "@aivillage/testing";

import { startTestGateway } from "./start-test-gateway.ts";

/** What an answer tells a browser about other origins. */
async function corsFields(url: string, origin: string | undefined): Promise<Record<string, string | null>> {
  const { headers } = await fetch(url, { headers: origin === undefined ? {} : { origin } });
  return {
    allowed: headers.get("access-control-allow-origin"),
    vary: headers.get("vary"),
    exposed: headers.get("access-control-expose-headers"),
    credentials: headers.get("access-control-allow-credentials"),
  };
}

const exposed =
  "X-Request-Id,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset,RateLimit,RateLimit-Policy,Retry-After,Retry-After-Ms,X-Should-Retry,Request-Id,Mcp-Session-Id";

describe("cross-origin requests", () => {
  test("an allowed origin is named, any other is not, and caches keep them apart", async () => {
    await using gateway = await startTestGateway({ CORS_ORIGINS: "https://app.example,https://b.example" });
    for (const origin of ["https://app.example", "https://b.example"]) {
      assert.deepEqual(await corsFields(gateway.url, origin), { allowed: origin, vary: "Origin", exposed, credentials: null });
    }
    for (const origin of [undefined, "https://evil.example", "null", "https://app.example.evil", "HTTPS://APP.EXAMPLE", "__proto__"]) {
      assert.deepEqual(await corsFields(gateway.url, origin), { allowed: null, vary: "Origin", exposed, credentials: null }, origin);
    }
  });

  test("where every origin is allowed, none is named", async () => {
    await using gateway = await startTestGateway({ CORS_ORIGINS: "*" });
    for (const origin of [undefined, "https://anywhere.example"]) {
      assert.deepEqual(await corsFields(gateway.url, origin), { allowed: "*", vary: null, exposed, credentials: null });
    }
  });

  test("a preflight needs no key, and names allowed origins only", async () => {
    await using gateway = await startTestGateway({ CORS_ORIGINS: "https://app.example,https://b.example" });
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${gateway.url}/v1/query`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    const allowed = await preflight("https://app.example");
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get("access-control-allow-origin"), "https://app.example");
    assert.match(allowed.headers.get("access-control-allow-headers") ?? "", /Authorization/);
    assert.deepEqual([allowed.headers.has("content-length"), allowed.headers.has("transfer-encoding")], [false, false]);
    assert.equal((await preflight("https://evil.example")).headers.get("access-control-allow-origin"), null);
  });

  test("what the app around the gateway varies by stays", async () => {
    await using gateway = await startTestGateway({ CORS_ORIGINS: "https://app.example" });
    await using app = await listen((req, res) => {
      res.setHeader("Vary", "Accept-Language");
      gateway.gateway.handler(req, res);
    });
    const { vary, allowed } = await corsFields(app.url, "https://app.example");
    assert.deepEqual([vary, allowed], ["Accept-Language, Origin", "https://app.example"]);
  });

  test("what a service varies by is added", async () => {
    await using service = await listen((_req, res) => void res.setHeader("Vary", "Accept").end("{}"));
    await using gateway = await startTestGateway({ CORS_ORIGINS: "https://app.example", TWIN_URL: service.url });
    const response = await gateway.post("/v1/chat", { message: "Hello." }, { origin: "https://app.example" });
    assert.equal(response.headers.get("vary"), "Origin, Accept");
  });
});
