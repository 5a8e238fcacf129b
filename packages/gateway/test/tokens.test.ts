import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { deadUrl, eventually } from "@aivillage/testing";

import { ConfigError, loadConfig } from "../src/index.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-tokens-"));
after(() => rmSync(folder, { recursive: true }));

const secret = "the-secret-of-the-tokens-0123456789";
const previous = "the-secret-before-that-one-0123456789";
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "first" }] });
const file = join(folder, "keys.json");
writeFileSync(file, keys);

const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_600;

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token signed by a secret or by the key of the issuer. */
function sign(claims: object = {}, by: string | typeof privateKey = secret): string {
  const header = typeof by === "string" ? { alg: "HS256" } : { alg: "ES256", kid: "first" };
  const signed = `${base64url(header)}.${base64url({ sub: "ada", scope: "query", exp: inAnHour(), ...claims })}`;
  const signature =
    typeof by === "string"
      ? createHmac("sha256", by).update(signed).digest()
      : signBytes("sha256", Buffer.from(signed), { key: by, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

async function statusOf(gateway: TestGateway, token: string): Promise<number> {
  const response = await gateway.post("/v1/query", { query: "hello" }, { authorization: `Bearer ${token}` });
  await response.arrayBuffer();
  return response.status;
}

test("a configured issuer and audience are required of every token", async () => {
  const env = { SECRET_KEY: secret, JWT_ISSUER: "https://id.example, https://old.example", JWT_AUDIENCE: "village" };
  await using gateway = await startTestGateway(env);
  const good = { iss: "https://old.example", aud: ["village", "other"] };
  assert.equal(await statusOf(gateway, sign(good)), 200);
  for (const claims of [{}, { ...good, iss: "https://evil.example" }, { ...good, aud: "billing.example" }, { iss: good.iss }]) {
    assert.equal(await statusOf(gateway, sign(claims)), 401);
  }
});

test("the log distinguishes a token from a key of the same name", async () => {
  await using gateway = await startTestGateway({ SECRET_KEY: secret });
  assert.equal(await statusOf(gateway, sign({ sub: "default" })), 200);
  await (await gateway.post("/v1/query", { query: "hello" })).arrayBuffer();
  const lines = () => gateway.log.filter(({ message }) => message === "request completed");
  await eventually(() => lines().length === 2, "both are logged");
  assert.deepEqual(
    lines().map((line) => line["principal"]),
    ["jwt:default", "key:default"],
  );
});

test("without settings an audience of others, an exp that is no date and a scope of * open nothing", async () => {
  await using gateway = await startTestGateway({ SECRET_KEY: secret });
  assert.equal(await statusOf(gateway, sign()), 200);
  assert.equal(await statusOf(gateway, sign({ aud: "billing.example" })), 401);
  assert.equal(await statusOf(gateway, sign({ exp: Date.now() })), 401);
  assert.equal(await statusOf(gateway, `${sign()}=`), 401);
  assert.equal(await statusOf(gateway, sign({ scope: "*" })), 403);
});

test("JWT_MAX_LIFETIME limits the time from iat to exp, JWT_CLOCK_TOLERANCE lets clocks differ", async () => {
  await using gateway = await startTestGateway({ SECRET_KEY: secret, JWT_MAX_LIFETIME: "2h", JWT_CLOCK_TOLERANCE: "60" });
  const now = Math.floor(Date.now() / 1_000);
  assert.equal(await statusOf(gateway, sign({ iat: now })), 200);
  assert.equal(await statusOf(gateway, sign({ iat: now - 4_000 })), 401);
  assert.equal(await statusOf(gateway, sign()), 401);
  assert.equal(await statusOf(gateway, sign({ iat: now - 600, exp: now - 30 })), 200);
  assert.equal(await statusOf(gateway, sign({ iat: now - 600, exp: now - 90 })), 401);
});

test("SECRET_KEY_PREVIOUS is accepted beside SECRET_KEY", async () => {
  await using gateway = await startTestGateway({ SECRET_KEY: secret, SECRET_KEY_PREVIOUS: previous });
  assert.deepEqual([await statusOf(gateway, sign()), await statusOf(gateway, sign({}, previous))], [200, 200]);
  await using without = await startTestGateway({ SECRET_KEY: secret });
  assert.equal(await statusOf(without, sign({}, previous)), 401);
  await using alone = await startTestGateway({ SECRET_KEY_PREVIOUS: previous });
  assert.equal(await statusOf(alone, sign({}, previous)), 200);
  assert.equal(await statusOf(alone, sign({}, "dev-secret-key-change-in-production")), 401, "the public secret");
});

test("tokens of an issuer are verified by its JWK Set, and HS256 ones only by a SECRET_KEY that was set", async () => {
  await using gateway = await startTestGateway({ JWT_JWKS_FILE: file });
  assert.equal(await statusOf(gateway, sign({}, privateKey)), 200);
  assert.equal(await statusOf(gateway, sign({}, "dev-secret-key-change-in-production")), 401);
  await using former = await startTestGateway({ JWT_JWKS_FILE: file, SECRET_KEY_PREVIOUS: previous });
  const tokens = [sign({}, privateKey), sign({}, previous), sign({}, "dev-secret-key-change-in-production")];
  assert.deepEqual(await Promise.all(tokens.map((token) => statusOf(former, token))), [200, 200, 401]);
  await using both = await startTestGateway({ JWT_JWKS_FILE: file, SECRET_KEY: secret });
  assert.deepEqual([await statusOf(both, sign({}, privateKey)), await statusOf(both, sign())], [200, 200]);
});

test("the keys of a URL are loaded at the start and survive a change of the configuration while the issuer is down", async () => {
  let asked = 0;
  const issuer = createServer((_req, res) => {
    asked += 1;
    res.end(keys);
  });
  await once(issuer.listen(0, "127.0.0.1"), "listening");
  const env = { JWT_JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys` };
  await using gateway = await startTestGateway(env);
  assert.equal(asked, 1);
  assert.ok(gateway.log.some(({ message, keys: count }) => message === "token keys loaded" && count === 1));
  assert.equal(await statusOf(gateway, sign({}, privateKey)), 200);
  issuer.close();
  issuer.closeAllConnections();
  gateway.gateway.reload(
    loadConfig({ env: { ...env, API_KEY: "test-key-0123456789", AGENT_CONTROLLER_URL: gateway.agentController.url } }),
  );
  const token = sign({}, privateKey);
  await eventually(() => gateway.log.some(({ message }) => message.startsWith("token keys cannot be loaded")), "the outage is logged");
  assert.equal(await statusOf(gateway, token), 200);
});

test("a gateway whose issuer is down starts, says so, serves API keys and asks tokens to come again", async () => {
  const url = `${await deadUrl()}/keys`;
  await using gateway = await startTestGateway({ JWT_JWKS_URL: url });
  const line = gateway.log.find(({ message }) => message.startsWith("token keys cannot be loaded"));
  assert.deepEqual([line?.level, line?.["source"], line?.["reason"]], ["error", url, "ECONNREFUSED"]);
  const refused = await gateway.post("/v1/query", { query: "hello" }, { authorization: `Bearer ${sign({}, privateKey)}` });
  const { type } = (await refused.json()) as { type: string };
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get("retry-after") ?? "", /^[1-5]$/);
  assert.match(type, /token-verification-unavailable/);
  assert.equal((await gateway.post("/v1/query", { query: "hello" })).status, 200);
});

test("bad settings are refused with the setting, what was expected and no secret", () => {
  const problemsOf = (env: Record<string, string>): string => {
    try {
      loadConfig({ env });
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.problems.join("\n");
    }
    return "";
  };
  assert.match(problemsOf({ JWT_JWKS_URL: "http://id.example/keys" }), /^JWT_JWKS_URL: .*must be an https: URL/);
  assert.match(problemsOf({ JWT_JWKS_URL: "https://id.example/", JWT_JWKS_FILE: file }), /^JWT_JWKS_URL and JWT_JWKS_FILE are both set/);
  assert.match(problemsOf({ JWT_JWKS_FILE: "/nowhere/keys.json" }), /^JWT_JWKS_FILE: .*\/nowhere\/keys\.json/);
  assert.match(
    problemsOf({ SECRET_KEY_PREVIOUS: "c4n4ry" }),
    /^SECRET_KEY_PREVIOUS must be 32 to 4096 visible ASCII characters.*not shown/,
  );
  assert.ok(!problemsOf({ SECRET_KEY_PREVIOUS: "c4n4ry" }).includes("c4n4ry"));
  assert.match(problemsOf({ JWT_MAX_LIFETIME: "-1" }), /^JWT_MAX_LIFETIME must be a number of seconds from 0/);
  assert.match(problemsOf({ JWT_CLOCK_TOLERANCE: "2h" }), /^JWT_CLOCK_TOLERANCE/);
  assert.match(problemsOf({ RATE_LIMIT_MAX_KEYS: "0" }), /^RATE_LIMIT_MAX_KEYS must be an integer from 1 to 16777216/);
});

test("the holder of a token that sends from many addresses opens no breaker for the holder of another", async () => {
  await using gateway = await startTestGateway({ SECRET_KEY: secret, TRUSTED_PROXIES: "loopback" });
  const chat = async (sub: string, host: number) => {
    gateway.twin.script = sub === "mallory" ? { reset: "before-head" } : {};
    const authorization = `Bearer ${sign({ sub, scope: "chat" })}`;
    const response = await gateway.post("/v1/chat", { message: "hello" }, { authorization, "x-forwarded-for": `198.51.100.${host}` });
    await response.arrayBuffer();
    return response.status;
  };
  assert.equal(await chat("ada", 250), 200);
  for (let host = 0; host < 60; host += 1) assert.equal(await chat("mallory", host), 502);
  assert.equal(await chat("ada", 250), 200);
});
