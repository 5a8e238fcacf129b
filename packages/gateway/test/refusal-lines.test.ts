import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { deadUrl, eventually } from "@aivillage/testing";

import { configFile } from "./config-support.ts";
import { keysFolder } from "./keys-support.ts";
import { type LogLine, startTestGateway, type TestGateway } from "./start-test-gateway.ts";

/** A request that is refused, and what its access line must say. */
interface Refusal {
  readonly name: string;
  readonly send: (gateway: TestGateway) => Promise<Response>;
  readonly line: Readonly<Record<string, unknown>>;
}

const secret = "the-secret-of-the-tokens-0123456789";
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(claims: object): string {
  const signed = `${base64url({ alg: "HS256" })}.${base64url({ sub: "ada", scope: "query", exp: 4_102_444_800, ...claims })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** The access line of the response with this id. */
async function lineOf(gateway: TestGateway, response: Response): Promise<LogLine> {
  await response.arrayBuffer();
  const id = response.headers.get("x-request-id");
  const find = (): LogLine | undefined =>
    gateway.log.find(({ message, request_id: its }) => message.startsWith("request ") && its === id && id !== null);
  return (await eventually(find, "the access line is there")) ?? assert.fail();
}

const query = (gateway: TestGateway, headers: Record<string, string>, body: unknown = { query: "hello" }, path = "/v1/query") =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test("one access line says why a request was refused", async (t) => {
  using keys = keysFolder();
  const good = await keys.create("ada", "--scope", "query");
  const expired = await keys.create("bob", "--expires", "1d");
  const future = await keys.create("cyd", "--not-before", "2100-01-01T00:00:00Z");
  const distant = await keys.create("dan", "--address", "192.0.2.0/24");
  const revoked = await keys.create("eve");
  await keys.run(["revoke", revoked.keyId]);
  const dead = await deadUrl();
  const routes = [
    { path: "/v1/premium", upstream: [dead], tiers: ["premium"] },
    { path: "/v1/rare", upstream: [dead], public: true, limits: [{ requests: 1 }] },
    { path: "/v1/dead", upstream: [dead], public: true, retries: false },
  ];
  const env = { API_KEYS_FILE: keys.path, SECRET_KEY: secret, JWT_ISSUER: "https://id.example" };
  await using gateway = await startTestGateway({ ...env, CONFIG_FILE: configFile({ routes }) });
  const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers });
  const mistyped = `${good.key.slice(0, -1)}${good.key.endsWith("a") ? "b" : "a"}`;
  const own = gateway.authorization;

  const refusals: readonly Refusal[] = [
    { name: "no key", send: () => query(gateway, {}), line: { status: 401, problem: "missing-credentials", reason: "missing" } },
    {
      name: "a key in the query string",
      send: () => query(gateway, {}, {}, `/v1/query?api_key=${good.key}`),
      line: { status: 400, reason: "in-query" },
    },
    {
      name: "no bearer credentials",
      send: () => query(gateway, { authorization: "Basic YWRhOmFkYWFkYQ==" }),
      line: { status: 401, reason: "missing" },
    },
    {
      name: "malformed credentials",
      send: () => query(gateway, { authorization: "Bearer one two" }),
      line: { status: 400, problem: "malformed-credentials", reason: "malformed" },
    },
    { name: "an unknown key", send: () => query(gateway, bearer("nobody-has-this-key")), line: { status: 401, reason: "unknown" } },
    { name: "a mistyped key", send: () => query(gateway, bearer(mistyped)), line: { status: 401, reason: "mistyped" } },
    { name: "an expired key", send: () => query(gateway, bearer(expired.key)), line: { status: 401, reason: "expired" } },
    { name: "a future key", send: () => query(gateway, bearer(future.key)), line: { status: 401, reason: "not-yet-valid" } },
    { name: "a revoked key", send: () => query(gateway, bearer(revoked.key)), line: { status: 401, reason: "revoked" } },
    {
      name: "a key from another address",
      send: () => query(gateway, bearer(distant.key)),
      line: { status: 401, reason: "wrong-address" },
    },
    {
      name: "a token of another issuer",
      send: () => query(gateway, bearer(token({ iss: "https://other.example" }))),
      line: { status: 401, reason: "wrong-issuer" },
    },
    {
      name: "a token with a bad signature",
      send: () => query(gateway, bearer(`${token({}).slice(0, -8)}AAAAAAAA`)),
      line: { status: 401, reason: "bad-token" },
    },
    {
      name: "a key without the scope",
      send: () => query(gateway, bearer(good.key), { message: "hello" }, "/v1/chat"),
      line: { status: 403, problem: "insufficient-scope", reason: "insufficient-scope", principal: "key:ada", key_id: good.keyId },
    },
    {
      name: "a key of another tier",
      send: () => get("/v1/premium", own),
      line: { status: 403, reason: "insufficient-tier", tier: "authenticated" },
    },
    {
      name: "a request beyond the limit of the route",
      send: async () => {
        await (await get("/v1/rare")).arrayBuffer();
        return get("/v1/rare");
      },
      line: { status: 429, problem: "quota-exceeded", policy: "v1.rare.1", principal: undefined },
    },
    {
      name: "a body that does not match the schema",
      send: () => query(gateway, own, { text: "hello" }),
      line: { status: 422, problem: "invalid-input", reason: "is required; unknown property" },
    },
    {
      name: "a body that is no JSON",
      send: () => query(gateway, own, "{"),
      line: { status: 400, problem: "malformed-json" },
    },
    {
      name: "a body with an attack",
      send: () => query(gateway, own, { query: "1' OR '1'='1' --", session_id: "s" }),
      line: { status: 422, problem: "input-refused", input_refused: ["sqli/continued-expression", "sqli/condition"] },
    },
    {
      name: "a body of another type",
      send: () => query(gateway, { ...own, "content-type": "text/plain" }, "hello"),
      line: { status: 415, problem: "unsupported-media-type" },
    },
    {
      name: "a body that is too large",
      send: () => query(gateway, own, { query: "a".repeat(1_100_000) }),
      line: { status: 413, problem: "payload-too-large" },
    },
    { name: "an unknown path", send: () => get("/v1/nothing"), line: { status: 404, problem: "not-found", reason: undefined } },
    { name: "another method", send: () => get("/v1/query"), line: { status: 405, problem: "method-not-allowed" } },
    {
      name: "a service that is down",
      send: () => get("/v1/dead"),
      line: { status: 502, upstream: "v1.dead", attempts: 1, upstream_outcome: "connect_error" },
    },
    {
      name: "an upload that is no form",
      send: () => query(gateway, own, "hello", "/v1/upload"),
      line: { status: 415, reason: "unsupported-media-type" },
    },
  ];
  for (const { name, send, line: expected } of refusals) {
    await t.test(name, async () => {
      const line = await lineOf(gateway, await send(gateway));
      const found = Object.fromEntries(Object.keys(expected).map((field) => [field, line[field]]));
      assert.deepEqual(found, expected, JSON.stringify(line));
      assert.match(String(line["user_agent"]), /node|undici/);
    });
  }
});
