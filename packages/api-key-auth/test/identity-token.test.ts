import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";

import { forEachHost, type Host } from "@aivillage/testing";
import { jwtVerify } from "jose";

import { apiKeyAuth, getIdentityToken, identityToken, type IdentityTokenOptions } from "../src/index.ts";
import { showProblem } from "./support.ts";

const secret = "0123456789abcdef0123456789abcdef";
const known = { issuer: "front", audience: "orders" };
const ofAda = { iss: "front", aud: "orders", sub: "key:ada", scope: "query chat" };
const auth = apiKeyAuth({ keys: [{ id: "ada", secret: "ada-key", tier: "premium", scopes: ["query", "chat"] }], deferRefusal: true });

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

/** The token of one request, with the key of ada unless `authorization` says otherwise. */
async function tokenOf(host: Host, options: Partial<IdentityTokenOptions>, authorization = "Bearer ada-key"): Promise<string> {
  const handler = identityToken({ key: secret, ...known, ...options });
  await using app = await host.serve([auth, handler, (req, res) => void res.end(getIdentityToken(req))], showProblem);
  return (await fetch(app.url, { headers: { authorization } })).text();
}

const claimsOf = async (token: string, key: KeyObject | Uint8Array = Buffer.from(secret)) => (await jwtVerify(token, key, known)).payload;

forEachHost((host) => {
  test("a service learns from the token who the client is and what it may do", async () => {
    const { iat, exp, ...claims } = await claimsOf(await tokenOf(host, {}));
    assert.deepEqual(claims, { ...ofAda, tier: "premium" });
    assert.equal(Number(exp) - Number(iat), 60);
  });

  test("the token of a request without a principal names nobody", async () => {
    const claims = await claimsOf(await tokenOf(host, {}, "Bearer unknown-key"));
    assert.deepEqual(Object.keys(claims).toSorted(), ["aud", "exp", "iat", "iss"]);
  });

  test("further claims are added, and none of them names another client", async () => {
    const claims = () => ({ tier: "trial", request_id: "r-1", sub: "key:root", scope: "*", iss: "other", aud: "other", exp: 1, iat: 1 });
    const { iat: _iat, exp: _exp, ...found } = await claimsOf(await tokenOf(host, { claims }));
    assert.deepEqual(found, { ...ofAda, tier: "trial", request_id: "r-1" });
    const anonymous = await claimsOf(await tokenOf(host, { claims }, "Bearer unknown-key"));
    assert.deepEqual([anonymous.sub, anonymous["scope"]], [undefined, undefined]);
  });

  test("a private key signs with the algorithm of its kind", async () => {
    const pairs = {
      EdDSA: generateKeyPairSync("ed25519"),
      ES256: generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
      RS256: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
    };
    for (const [algorithm, { privateKey, publicKey }] of Object.entries(pairs)) {
      const token = await tokenOf(host, { key: pemOf(privateKey) });
      const { protectedHeader } = await jwtVerify(token, publicKey, known);
      assert.deepEqual(protectedHeader, { alg: algorithm, typ: "JWT" });
    }
  });

  test("a key that is replaced signs the next token, and one that cannot sign is an error of the request", async () => {
    let key = secret;
    const handler = identityToken({ key: () => key, ...known });
    await using app = await host.serve([auth, handler, (req, res) => void res.end(getIdentityToken(req))], showProblem);
    const ask = () => fetch(app.url, { headers: { authorization: "Bearer ada-key" } });
    assert.equal((await claimsOf(await (await ask()).text())).sub, "key:ada");
    key = "another-secret-of-32-characters-or-more";
    assert.equal((await claimsOf(await (await ask()).text(), Buffer.from(key))).sub, "key:ada");
    key = "too-short";
    const failed = await ask();
    assert.equal(failed.status, 500);
    assert.ok(!(await failed.text()).includes(key));
  });

  test("a token ends after its lifetime by the given clock", async () => {
    const token = await tokenOf(host, { lifetimeMs: 30_000, now: () => 1_767_225_600_999 });
    const { payload } = await jwtVerify(token, Buffer.from(secret), { ...known, currentDate: new Date(1_767_225_601_000) });
    assert.deepEqual([payload.iat, payload.exp], [1_767_225_600, 1_767_225_630]);
    await assert.rejects(jwtVerify(token, Buffer.from(secret), { ...known, currentDate: new Date(1_767_225_630_000) }), /exp/);
  });
});

test("options that sign nothing are refused when the middleware is made, without the key", () => {
  const weak = pemOf(generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey);
  const cases: [options: object, expected: RegExp][] = [
    [{ key: undefined }, /`key` must be/],
    [{ key: 7 }, /`key` must be/],
    [{ key: "short-secret" }, /at least 32 characters/],
    [{ key: () => "short-secret" }, /at least 32 characters/],
    [{ key: weak }, /2,048 bits/],
    [{ key: "-----BEGIN PRIVATE KEY-----\nshort-secret\n-----END PRIVATE KEY-----" }, /not a private key in PEM/],
    [{ issuer: undefined }, /`issuer` must be/],
    [{ audience: "" }, /`audience` must be/],
    [{ lifetimeMs: 10 }, /`lifetimeMs` must be/],
    [{ lifetime: 10 }, /unknown option `lifetime`/],
  ];
  for (const [options, expected] of cases) {
    assert.throws(
      () => identityToken({ key: secret, ...known, ...options }),
      (error: Error) => error.name === "TypeError" && expected.test(error.message) && !error.message.includes("short-secret"),
      JSON.stringify(options),
    );
  }
});
