import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { rawRequest } from "@aivillage/testing";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const json = { "content-type": "application/json" };
const secrets = ["test-key-0123456789", "dev-secret-key-change-in-production"];

/** Checks what every error answer must be, and returns its document. */
async function problemOf(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  assert.equal(response.headers.get("content-type"), "application/problem+json", text);
  const document = JSON.parse(text) as Record<string, unknown>;
  assert.equal(document["status"], response.status);
  assert.equal(document["request_id"], response.headers.get("x-request-id"));
  assert.ok(String(document["request_id"]).length > 8);
  assert.match(String(document["type"]), /^(about:blank|https:\/\/\S+)$/);
  assert.ok(typeof document["title"] === "string");
  assert.ok(!/\bat .*\.(ts|js):\d+/.test(text), `a stack leaked: ${text}`);
  for (const secret of secrets) assert.ok(!text.includes(secret), "a secret leaked");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  return document;
}

describe("every error is a problem document with the request id", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway();
  });
  after(() => gateway[Symbol.asyncDispose]());

  const send = (path: string, init: RequestInit): Promise<Response> => fetch(gateway.url + path, { method: "POST", ...init });

  test("404 for a path that is not there", async () => {
    assert.equal((await problemOf(await fetch(`${gateway.url}/nothing`)))["status"], 404);
  });

  test("405 with Allow for another method, on every endpoint", async () => {
    for (const path of ["/healthz", "/livez", "/readyz", "/metrics", "/"]) {
      const response = await send(path, {});
      assert.equal(response.status, 405, path);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
      await problemOf(response);
    }
    for (const path of ["/v1/query", "/v1/chat", "/v1/upload"]) {
      const response = await fetch(gateway.url + path, { method: "DELETE" });
      assert.equal(response.status, 405, path);
      assert.equal(response.headers.get("allow"), "POST");
      await problemOf(response);
    }
  });

  test("401 with a challenge, without and with a wrong key, on every endpoint that needs one", async () => {
    for (const path of ["/v1/query", "/v1/chat", "/v1/upload"]) {
      const none = await send(path, { headers: json, body: "{}" });
      assert.equal(none.status, 401, path);
      assert.equal(none.headers.get("www-authenticate"), 'Bearer realm="aivillage-gateway"');
      await problemOf(none);
      const wrong = await send(path, { headers: { ...json, authorization: "Bearer wrong-key" }, body: "{}" });
      assert.equal(wrong.status, 401, path);
      assert.match(wrong.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
      await problemOf(wrong);
    }
  });

  test("a signed token is as good as a key, and one of another secret is not", async () => {
    const token = (secret: string): string => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
      const body = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "ada", scope: "query", exp: Math.floor(Date.now() / 1_000) + 60 })}`;
      return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
    };
    const ask = (path: string, secret: string): Promise<Response> =>
      send(path, { headers: { ...json, authorization: `Bearer ${token(secret)}` }, body: '{"query":"hello"}' });
    const good = await ask("/v1/query", "dev-secret-key-change-in-production");
    assert.equal(good.status, 200);
    await good.text();
    assert.equal((await problemOf(await ask("/v1/query", "another-secret-of-32-characters-or-more")))["status"], 401);
    const scope = await ask("/v1/chat", "dev-secret-key-change-in-production");
    assert.equal(scope.status, 403);
    assert.match(scope.headers.get("www-authenticate") ?? "", /error="insufficient_scope", scope="chat"/);
    await problemOf(scope);
  });

  test("400 for malformed JSON, 415 for another type, 413 for too much", async () => {
    const malformed = await problemOf(await gateway.post("/v1/query", '{"query": "secret text'));
    assert.equal(malformed["status"], 400);
    assert.ok(!JSON.stringify(malformed).includes("secret text"));
    assert.equal((await problemOf(await gateway.post("/v1/query", "hello", { "content-type": "text/plain" })))["status"], 415);
    const large = JSON.stringify({ query: "a".repeat(2_000_000) });
    assert.equal((await problemOf(await gateway.post("/v1/query", large)))["status"], 413);
  });

  test("422 for schema errors, each with its JSON pointer and without the value", async () => {
    const problems = { query: "", session_id: "no spaces please", options: { temperature: 9.25 }, extra: 1 };
    const document = await problemOf(await gateway.post("/v1/query", problems));
    assert.equal(document["status"], 422);
    const errors = document["errors"] as { detail: string; pointer: string }[];
    assert.deepEqual(
      errors.map(({ pointer }) => pointer).toSorted(),
      ["#/extra", "#/options/temperature", "#/query", "#/session_id"].toSorted(),
    );
    assert.ok(!JSON.stringify(document).includes("no spaces please") && !JSON.stringify(document).includes("9.25"));
  });

  test("422 for an attack, and the upstream service gets nothing", async () => {
    const received = gateway.agentController.received.length;
    const document = await problemOf(await gateway.post("/v1/query", { query: "x' UNION SELECT password FROM users --" }));
    assert.equal(document["status"], 422);
    const script = await problemOf(await gateway.post("/v1/query", { query: "<script>alert(1)</script>" }));
    assert.equal(script["status"], 422);
    assert.equal(gateway.agentController.received.length, received);
    assert.ok(gateway.log.some(({ message }) => message === "input refused"));
    assert.ok(!JSON.stringify(gateway.log).includes("UNION SELECT"));
  });

  test("query parameters that the endpoint does not have are refused", async () => {
    const document = await problemOf(await gateway.post("/v1/query?debug=1", { query: "hello" }));
    assert.equal(document["status"], 422);
  });

  test("502, 503 and 504 for services that fail, without their addresses", async () => {
    gateway.twin.script = { reset: "before-head" };
    const reset = await problemOf(await gateway.post("/v1/chat", { message: "hello" }));
    assert.equal(reset["status"], 502);
    assert.ok(!JSON.stringify(reset).includes(String(gateway.twin.port)));

    await using slow = await startTestGateway({ REQUEST_TIMEOUT: "1" });
    slow.twin.script = { hang: true };
    assert.equal((await problemOf(await slow.post("/v1/chat", { message: "hello" })))["status"], 504);
    for (const service of [slow.agentController, slow.knowledgeSystem]) await service.goAway();
    assert.equal((await problemOf(await slow.post("/v1/query", { query: "hello" })))["status"], 503);
  });

  test("400 for what is no HTTP, and 431 for a head that is too large", async () => {
    const nonsense = await rawRequest(gateway.port, "HELLO\r\n\r\n");
    assert.match(nonsense, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(nonsense, /\r\nContent-Type: application\/problem\+json\r\n/);
    const large = await rawRequest(gateway.port, `GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${"a".repeat(40_000)}\r\n\r\n`);
    assert.match(large, /^HTTP\/1\.1 431 /);
    assert.equal((JSON.parse(large.slice(large.indexOf("{"))) as { status: number }).status, 431);
  });
});

describe("the rate limit", () => {
  test("refuses the request above the limit with all headers, and lets health through", async () => {
    await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "3", RATE_LIMIT_WINDOW: "30" });
    const statuses: number[] = [];
    let refused: Response | undefined;
    for (let request = 0; request < 4; request += 1) {
      refused = await gateway.post("/v1/query", { query: "hello" });
      statuses.push(refused.status);
      if (request < 3) await refused.text();
    }
    assert.deepEqual(statuses, [200, 200, 200, 429]);
    assert.ok(refused);
    assert.equal(refused.headers.get("x-ratelimit-limit"), "3");
    assert.equal(refused.headers.get("x-ratelimit-remaining"), "0");
    const retryAfter = Number(refused.headers.get("retry-after"));
    assert.ok(retryAfter >= 1 && retryAfter <= 31, String(retryAfter));
    assert.match(String((await problemOf(refused))["type"]), /#quota-exceeded$/);
    for (let probe = 0; probe < 10; probe += 1) assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
    assert.ok(gateway.log.some(({ status, level }) => status === 429 && level === "warn"));
  });

  test("counts guesses of a key, and a spoofed address or key changes nothing", async () => {
    await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "5" });
    const statuses: number[] = [];
    for (let guess = 0; guess < 7; guess += 1) {
      const headers = { ...json, authorization: `Bearer guess-${guess}`, "x-forwarded-for": `203.0.113.${guess}` };
      statuses.push((await fetch(`${gateway.url}/v1/query`, { method: "POST", headers, body: "{}" })).status);
    }
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429]);
    assert.equal((await gateway.post("/v1/query", { query: "hello" })).status, 200);
  });

  test("believes the forwarded address of a trusted proxy", async () => {
    await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "1", TRUSTED_PROXIES: "loopback" });
    const from = async (address: string): Promise<number> => (await fetch(gateway.url, { headers: { "x-forwarded-for": address } })).status;
    assert.deepEqual([await from("203.0.113.1"), await from("203.0.113.2"), await from("203.0.113.1")], [200, 200, 429]);
  });
});
