import assert from "node:assert/strict";
import { createSign, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";
import { SignJWT } from "jose";

import { apiKeyAuth, type JwtOptions, requireScope } from "../src/index.ts";
import { ask, jwtSecret, makeJwt, makeRaw, nowMs, nowSeconds } from "./support.ts";

const claims = { sub: "ada", exp: nowSeconds + 60 };
const withJwt = (jwt?: Partial<JwtOptions>) =>
  apiKeyAuth({ keys: [{ id: "bob", secret: "bob-key" }], jwt: { secret: jwtSecret, ...jwt }, now: () => nowMs });
const auth = withJwt();

forEachHost((host) => {
  const accepted = async (token: string, handler = auth): Promise<unknown> => {
    const { status, body } = await ask(host, [handler], `Bearer ${token}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const refused = async (token: string, handler = auth): Promise<void> => {
    const { status, challenge, body } = await ask(host, [handler], `Bearer ${token}`);
    assert.deepEqual([status, challenge, body.type], [401, 'Bearer realm="api", error="invalid_token"', "invalid-credentials"]);
  };

  test("a token signed by another library is accepted; sub is the id, and without scope it may do nothing special", async () => {
    const token = new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setSubject("ada").setExpirationTime(claims.exp);
    const signed = await token.sign(new TextEncoder().encode(jwtSecret));
    assert.deepEqual(await accepted(signed), { kind: "jwt", id: "ada", tier: "authenticated", scopes: [] });
  });

  test("scope, tier and name are taken from the token", async () => {
    const principal = await accepted(makeJwt({ ...claims, scope: " query  chat", tier: "premium", name: "Ada" }));
    assert.deepEqual(principal, { kind: "jwt", id: "ada", name: "Ada", tier: "premium", scopes: ["query", "chat"] });
  });

  test("keys are accepted beside tokens, and tokens only when they are configured", async () => {
    assert.equal((await ask(host, [auth], "Bearer bob-key")).body.kind, "key");
    await refused(makeJwt(claims), apiKeyAuth({ keys: [{ id: "bob", secret: "bob-key" }], now: () => nowMs }));
  });

  test("a service may live on tokens alone", async () => {
    await accepted(makeJwt(claims), apiKeyAuth({ keys: [], jwt: { secret: jwtSecret }, now: () => nowMs }));
  });

  test("a key of three parts is a key", async () => {
    const handler = apiKeyAuth({ keys: [{ id: "ada", secret: "one.two.three" }], jwt: { secret: jwtSecret } });
    assert.equal((await ask(host, [handler], "Bearer one.two.three")).body.kind, "key");
  });

  test("alg none is refused, with and without signature", async () => {
    const unsigned = makeJwt(claims, { header: { alg: "none" } });
    await refused(unsigned);
    await refused(unsigned.slice(0, unsigned.lastIndexOf(".") + 1));
  });

  test("every other algorithm is refused, whatever it is signed with", async () => {
    for (const alg of ["HS384", "HS512", "hs256", "RS256", "ES256", "EdDSA", "", 256]) await refused(makeJwt(claims, { header: { alg } }));
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const [header, payload] = makeJwt(claims, { header: { alg: "RS256" } }).split(".");
    const signature = createSign("sha256").update(`${header}.${payload}`).sign(privateKey, "base64url");
    await refused(`${header}.${payload}.${signature}`);
  });

  test("another secret, a changed payload and a cut signature are refused", async () => {
    await refused(makeJwt(claims, { secret: `${jwtSecret}!` }));
    const [header, , signature] = makeJwt(claims).split(".");
    const [, payload] = makeJwt({ ...claims, sub: "root" }).split(".");
    await refused(`${header}.${payload}.${signature}`);
    await refused(makeJwt(claims).slice(0, -1));
  });

  test("exp is required and is the first second of refusal", async () => {
    await refused(makeJwt({ sub: "ada" }));
    await refused(makeJwt({ ...claims, exp: nowSeconds }));
    await refused(makeJwt({ ...claims, exp: nowSeconds - 3600 }));
    await refused(makeJwt({ ...claims, exp: String(nowSeconds + 60) }));
    await accepted(makeJwt({ ...claims, exp: nowSeconds + 1 }));
  });

  test("nbf is obeyed when it is present", async () => {
    await refused(makeJwt({ ...claims, nbf: nowSeconds + 1 }));
    await accepted(makeJwt({ ...claims, nbf: nowSeconds }));
  });

  test("clocks may differ by clockToleranceMs", async () => {
    const tolerant = withJwt({ clockToleranceMs: 5_000 });
    await accepted(makeJwt({ ...claims, exp: nowSeconds - 4 }), tolerant);
    await accepted(makeJwt({ ...claims, nbf: nowSeconds + 5 }), tolerant);
    await refused(makeJwt({ ...claims, exp: nowSeconds - 5 }), tolerant);
    await refused(makeJwt({ ...claims, nbf: nowSeconds + 6 }), tolerant);
  });

  test("issuer and audience must match when they are configured", async () => {
    const strict = withJwt({ issuer: "https://id.example", audience: "village" });
    const good = { ...claims, iss: "https://id.example", aud: ["other", "village"] };
    await accepted(makeJwt(good), strict);
    await accepted(makeJwt({ ...good, aud: "village" }), strict);
    await refused(makeJwt({ ...good, iss: "https://evil.example" }), strict);
    await refused(makeJwt({ ...good, aud: "other" }), strict);
    await refused(makeJwt(claims), strict);
  });

  test("a token that names an audience is refused where none is configured, one that names an issuer is not", async () => {
    for (const aud of ["billing.example", ["village"], []]) await refused(makeJwt({ ...claims, aud }));
    await accepted(makeJwt({ ...claims, iss: "https://id.example" }));
  });

  test("one of several issuers and audiences is enough", async () => {
    const strict = withJwt({ issuer: ["https://old.example", "https://id.example"], audience: ["village", "hamlet"] });
    await accepted(makeJwt({ ...claims, iss: "https://id.example", aud: "hamlet" }), strict);
    await refused(makeJwt({ ...claims, iss: "https://id.example", aud: "billing.example" }), strict);
    await refused(makeJwt({ ...claims, aud: "hamlet" }), strict);
  });

  test("an exp that is no plausible date is refused", async () => {
    const withExp = (exp: string): string => makeRaw(`{"sub":"ada","exp":${exp}}`);
    for (const exp of [String(nowMs), "1e400", "-1e400", "-1", "0", "1e300", "null", '"1e400"', "[]"]) await refused(withExp(exp));
    await refused(makeJwt({ ...claims, exp: nowSeconds + 11 * 366 * 86_400 }));
    await accepted(makeJwt({ ...claims, exp: nowSeconds + 9 * 365 * 86_400 }));
  });

  test("a token from the future is refused, however it is dated", async () => {
    await accepted(makeJwt({ ...claims, iat: nowSeconds + 30 }));
    await refused(makeJwt({ ...claims, iat: nowSeconds + 3_600 }));
    await refused(makeRaw(`{"sub":"ada","exp":${nowSeconds + 60},"iat":1e400}`));
    await refused(makeRaw(`{"sub":"ada","exp":${nowSeconds + 60},"iat":"${nowSeconds}"}`));
  });

  test("with maxLifetimeMs iat is required, and exp at most so much later", async () => {
    const strict = withJwt({ maxLifetimeMs: 600_000 });
    await accepted(makeJwt({ ...claims, iat: nowSeconds - 540, exp: nowSeconds + 60 }), strict);
    await refused(makeJwt({ ...claims, iat: nowSeconds - 541, exp: nowSeconds + 60 }), strict);
    await refused(makeJwt(claims), strict);
    await refused(makeRaw(`{"sub":"ada","exp":${nowSeconds + 60},"iat":-1e400}`), strict);
  });

  test("a scope of * grants nothing, and the scopes beside it what they name", async () => {
    const { status, body } = await ask(host, [auth, requireScope("query")], `Bearer ${makeJwt({ ...claims, scope: "*" })}`);
    assert.deepEqual([status, body.type], [403, "insufficient-scope"]);
    const principal = (await accepted(makeJwt({ ...claims, scope: "chat * query" }))) as { scopes: string[] };
    assert.deepEqual(principal.scopes, ["chat", "query"]);
  });

  test("the previous secret is accepted while it is configured", async () => {
    const old = "the-previous-secret-of-more-than-32-bytes";
    const rotating = withJwt({ previousSecret: old });
    await accepted(makeJwt(claims), rotating);
    await accepted(makeJwt(claims, { secret: old }), rotating);
    await refused(makeJwt(claims, { secret: `${old}!` }), rotating);
    await refused(makeJwt({ ...claims, exp: nowSeconds }, { secret: old }), rotating);
    await refused(makeJwt(claims, { secret: old }));
  });

  test("a token has one text: padding and bits that encode nothing are refused", async () => {
    const token = makeJwt(claims);
    await accepted(token);
    const [header = "", payload = "", signature = ""] = token.split(".");
    for (const padded of [`${token}=`, `${token}==`]) await refused(padded);
    const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const other = last[last.indexOf(signature.at(-1) ?? "") ^ 1] ?? "";
    assert.deepEqual(Buffer.from(signature.slice(0, -1) + other, "base64url"), Buffer.from(signature, "base64url"));
    await refused(`${header}.${payload}.${signature.slice(0, -1)}${other}`);
    await refused(`${header}.${payload}.${signature.replaceAll("-", "+").replaceAll("_", "/")}+`);
  });

  test("claims of another type than expected are refused", async () => {
    for (const sub of [undefined, "", 7, null]) await refused(makeJwt({ ...claims, sub }));
    for (const tier of ["", 7, null]) await refused(makeJwt({ ...claims, tier }));
    for (const scope of [["query"], 'a"b', null]) await refused(makeJwt({ ...claims, scope }));
  });

  test("a token signed for another purpose is refused by its type", async () => {
    const typed = (typ: unknown): string => makeJwt(claims, { header: { alg: "HS256", typ } });
    for (const typ of [undefined, "JWT", "jwt", "at+jwt", "application/at+JWT"]) await accepted(typed(typ));
    for (const typ of ["logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "", 5, null, ["JWT"]]) await refused(typed(typ));
  });

  test("a token of more than 4096 characters is not looked at", async () => {
    const ofLength = (length: number): string => {
      const shortest = makeJwt({ ...claims, pad: "" }).length;
      for (let pad = Math.floor(((length - shortest) * 3) / 4) - 3; ; pad += 1) {
        const token = makeJwt({ ...claims, pad: "x".repeat(pad) });
        if (token.length >= length) return token;
      }
    };
    await accepted(ofLength(4_090));
    const { status, body } = await ask(host, [auth], `Bearer ${ofLength(4_097)}`);
    assert.deepEqual([status, body.type], [400, "malformed-credentials"]);
  });

  test("what only looks like a token is refused", async () => {
    const [header = "", payload = ""] = makeJwt(claims).split(".");
    for (const token of ["a.b.c", "..", ".a.b", `${header}..`, `${header}.${payload}`, `${header}.${payload}.`, `${makeJwt(claims)}.x`]) {
      await refused(token);
    }
    await refused(makeJwt(claims, { header: { alg: "HS256", crit: ["exp"] } }));
    await refused(makeJwt(claims, { header: { alg: "HS256", crit: ["b64"], b64: false } }));
  });
});
