import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { type Host, listen, eventually } from "@aivillage/testing";
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";

import { apiKeyAuth, JwkSet, type JwkSetChanged, jwkSetChanged, type JwtOptions } from "../src/index.ts";
import { startKeyServer } from "./key-server.ts";
import { ask, askAt, jwtSecret, makeJwt, showPrincipal, showProblem } from "./support.ts";

// What is tested here does not depend on the framework; jwt.test.ts runs on all of them.
const listener: Host["listener"] = (handlers, onError) => toListener(compose(...handlers), onError);
const host: Host = { name: "node:http", listener, serve: (handlers, onError) => listen(listener(handlers, onError)) };
const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_600;

/** A key pair of an issuer, its public half as a member of a JWK Set. */
async function makeKey(alg: string, kid: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, use: "sig" };
  const sign = (header: { kid?: string } = { kid }, claims: object = {}): Promise<string> =>
    new SignJWT({ scope: "query", ...claims })
      .setProtectedHeader({ alg, ...header })
      .setSubject("ada")
      .setExpirationTime(inAnHour())
      .sign(privateKey);
  return { jwk, privateKey, publicKey, sign };
}

const [rsa, ec, ed] = await Promise.all([makeKey("RS256", "rsa"), makeKey("ES256", "ec"), makeKey("EdDSA", "ed")]);
const withKeys = (keys: JwtOptions["keys"], more: JwtOptions = {}) =>
  apiKeyAuth({ keys: [{ id: "bob", secret: "bob-key" }], jwt: { ...more, ...(keys !== undefined && { keys }) } });
const statusOf = async (auth: ReturnType<typeof apiKeyAuth>, token: string): Promise<number> =>
  (await ask(host, [auth], `Bearer ${token}`)).status;

/** The changes of one source that are published while the test runs. */
function changesOf(source: string) {
  const changes: JwkSetChanged[] = [];
  const stop = jwkSetChanged.subscribe((change) => void (change.source === source && changes.push(change)));
  return { changes, [Symbol.dispose]: stop };
}

describe("which tokens the keys of an issuer verify", () => {
  test("RS256, ES256 and EdDSA tokens are accepted beside HS256 ones and API keys, with one load", async () => {
    await using issuer = await startKeyServer([rsa.jwk, ec.jwk, ed.jwk]);
    const auth = withKeys({ url: issuer.url }, { secret: jwtSecret });
    for (const key of [rsa, ec, ed]) {
      const { status, body } = await ask(host, [auth], `Bearer ${await key.sign()}`);
      assert.deepEqual([status, body], [200, { kind: "jwt", id: "ada", tier: "authenticated", scopes: ["query"] }]);
    }
    assert.equal(await statusOf(auth, makeJwt({ sub: "eve", exp: inAnHour() })), 200);
    assert.equal(await statusOf(auth, "bob-key"), 200);
    assert.equal(issuer.asked, 1);
  });

  test("a token that openssl signed is accepted", async () => {
    const folder = mkdtempSync(join(tmpdir(), "aivillage-jwk-"));
    try {
      const pem = join(folder, "key.pem");
      execFileSync("openssl", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", pem], { stdio: "ignore" });
      const modulus = execFileSync("openssl", ["rsa", "-in", pem, "-noout", "-modulus"], { encoding: "utf8" }).trim().split("=")[1] ?? "";
      const file = join(folder, "keys.json");
      writeFileSync(
        file,
        JSON.stringify({ keys: [{ kty: "RSA", e: "AQAB", n: Buffer.from(modulus, "hex").toString("base64url"), kid: "shell" }] }),
      );
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
      const signed = `${part({ alg: "RS256", kid: "shell" })}.${part({ sub: "ada", exp: inAnHour() })}`;
      const signature = execFileSync("openssl", ["dgst", "-sha256", "-sign", pem], { input: signed }).toString("base64url");
      assert.equal(await statusOf(withKeys({ file }), `${signed}.${signature}`), 200);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("no kind of key verifies a token of another kind", async () => {
    await using issuer = await startKeyServer([
      rsa.jwk,
      ec.jwk,
      { kty: "oct", k: Buffer.from(jwtSecret).toString("base64url"), kid: "oct" },
    ]);
    const claims = { sub: "ada", exp: inAnHour() };
    const pem = await exportSPKI(rsa.publicKey);
    for (const auth of [
      withKeys({ url: issuer.url }),
      withKeys({ url: issuer.url }, { secret: "the-secret-of-the-gateway-itself-0123" }),
    ]) {
      for (const kid of [undefined, "rsa", "oct"]) {
        for (const secret of [pem, JSON.stringify(rsa.jwk), rsa.jwk.n ?? "", jwtSecret]) {
          for (const alg of ["HS256", "RS256", "none"])
            assert.equal(await statusOf(auth, makeJwt(claims, { secret, header: { alg, kid } })), 401);
        }
      }
      const [, payload, signature] = (await rsa.sign()).split(".");
      const header = Buffer.from(JSON.stringify({ alg: "ES256", kid: "ec" })).toString("base64url");
      assert.equal(await statusOf(auth, `${header}.${payload}.${signature}`), 401);
    }
    assert.equal(await statusOf(withKeys(undefined, { secret: jwtSecret }), await rsa.sign()), 401);
  });

  test("a token that does not name its key is tried with a few that fit, and has to name it when many do", async () => {
    const others = await Promise.all(["b", "c", "d", "e"].map((kid) => makeKey("RS256", kid)));
    const jwks = [rsa, ...others].map(({ jwk }) => jwk);
    await using issuer = await startKeyServer([...jwks.slice(0, 4), ec.jwk]);
    const auth = withKeys({ url: issuer.url });
    for (const key of [rsa, ec, ...others.slice(0, 3)]) assert.equal(await statusOf(auth, await key.sign({})), 200);
    assert.equal(await statusOf(auth, (await others[3]?.sign({})) ?? ""), 401, "none verifies it");
    assert.equal(await statusOf(auth, (await others[0]?.sign({ kid: "rsa" })) ?? ""), 401, "it names another");
    await using many = await startKeyServer(jwks);
    assert.equal(await statusOf(withKeys({ url: many.url }), await rsa.sign({})), 401);
    assert.equal(await statusOf(withKeys({ url: many.url }), await rsa.sign()), 200);
  });

  test("a forged token costs one verification, however many secrets there are for tokens of another kind", async (t) => {
    await using issuer = await startKeyServer([rsa.jwk]);
    const set = new JwkSet({ url: issuer.url });
    const find = t.mock.method(set, "find");
    const auth = withKeys(set, { secret: jwtSecret, previousSecret: "the-secret-before-that-one-0123456789" });
    const [header, payload] = (await rsa.sign()).split(".");
    assert.equal(await statusOf(auth, `${header}.${payload}.${Buffer.alloc(256, 1).toString("base64url")}`), 401);
    assert.equal(find.mock.callCount(), 1);
  });

  test("issuer, audience and lifetime are checked as for other tokens", async () => {
    await using issuer = await startKeyServer([rsa.jwk]);
    const auth = withKeys({ url: issuer.url }, { issuer: "https://id.example", audience: ["village"] });
    assert.equal(await statusOf(auth, await rsa.sign(undefined, { iss: "https://id.example", aud: "village" })), 200);
    assert.equal(await statusOf(auth, await rsa.sign(undefined, { iss: "https://id.example", aud: "billing" })), 401);
    assert.equal(await statusOf(auth, await rsa.sign(undefined, { aud: "village" })), 401);
  });

  test("weak, broken and private keys, and those for other uses, are left out", async () => {
    const encrypting = { ...rsa.jwk, kid: "enc", use: "enc" };
    const secret = { ...(await exportJWK(rsa.privateKey)), kid: "private" };
    const bad = [
      encrypting,
      secret,
      { kty: "RSA", n: "AQAB", e: "AQAB", kid: "weak" },
      { ...ec.jwk, kid: "off", x: ec.jwk.y },
      null,
      "key",
      { kty: 7 },
    ];
    await using issuer = await startKeyServer([...bad.map((key) => key as object), ed.jwk]);
    const auth = withKeys({ url: issuer.url });
    for (const kid of ["enc", "private", "weak"]) assert.equal(await statusOf(auth, await rsa.sign({ kid })), 401, kid);
    assert.equal(await statusOf(auth, await ec.sign({ kid: "off" })), 401);
    assert.equal(await statusOf(auth, await ed.sign()), 200);
  });
});

describe("an issuer that changes, fails or misbehaves", () => {
  test("a key that is not in the set makes it load once, not for each request", async () => {
    await using issuer = await startKeyServer([rsa.jwk]);
    const auth = withKeys({ url: issuer.url });
    assert.equal(await statusOf(auth, await rsa.sign()), 200);
    for (let count = 0; count < 20; count += 1) assert.equal(await statusOf(auth, await ec.sign({ kid: `unknown-${count}` })), 503);
    assert.equal(issuer.asked, 1, "the first load has just been");
    const impatient = withKeys({ url: issuer.url, cooldownMs: 1 });
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, count) => ec.sign({ kid: `unknown-${count}` })));
    issuer.serve((_req, res) => void setTimeout(() => res.writeHead(500).end(), 50));
    const statuses = await Promise.all(tokens.map((token) => statusOf(impatient, token)));
    assert.deepEqual(new Set(statuses), new Set([503]), "no key was ever loaded");
    assert.ok(issuer.asked < 10, `it was asked ${issuer.asked} times`);
  });

  test("a new key is accepted as soon as the issuer has it, an old one no longer when it has gone", async () => {
    await using issuer = await startKeyServer([rsa.jwk]);
    const auth = withKeys({ url: issuer.url, cooldownMs: 1, maxAgeMs: 1 });
    assert.equal(await statusOf(auth, await rsa.sign()), 200);
    issuer.serve([ec.jwk]);
    const newToken = await ec.sign();
    await eventually(async () => (await statusOf(auth, newToken)) === 200, "the new key is accepted");
    const oldToken = await rsa.sign();
    await eventually(async () => (await statusOf(auth, oldToken)) === 401, "the old key is refused");
  });

  test("a token of a key that came since the last load is asked to wait, and is no guess", async () => {
    await using issuer = await startKeyServer([rsa.jwk]);
    const auth = apiKeyAuth({ keys: [], jwt: { keys: { url: issuer.url, cooldownMs: 60_000 } }, failures: { limit: 1 } });
    await using app = await host.serve([auth, showPrincipal], showProblem);
    assert.equal((await askAt(app.url, `Bearer ${await rsa.sign()}`)).status, 200);
    issuer.serve([rsa.jwk, ec.jwk]);
    const authorization = `Bearer ${await ec.sign()}`;
    for (let count = 0; count < 5; count += 1) {
      const { status, headers } = await fetch(app.url, { headers: { authorization } });
      assert.equal(status, 503);
      assert.match(headers.get("retry-after") ?? "", /^([1-5]?\d|60)$/);
    }
    assert.equal(issuer.asked, 1);
  });

  test("a token is refused when the issuer has said that it has no such key, or has it no longer", async () => {
    await using issuer = await startKeyServer([rsa.jwk, ed.jwk]);
    const set = new JwkSet({ url: issuer.url, cooldownMs: 60_000 });
    assert.equal(await statusOf(withKeys(set), await ec.sign()), 401, "loaded for this token");
    assert.equal(await statusOf(withKeys(set), await ec.sign()), 401, "remembered");
    assert.equal(await statusOf(withKeys(set), await ec.sign({ kid: "rsa" })), 401, "a key of another kind");
    issuer.serve([rsa.jwk]);
    assert.equal(await set.ready(), true);
    assert.equal(await statusOf(withKeys(set), await ed.sign()), 401, "it was there before");
  });

  test("keys in hand stay in use while the issuer is down, and both changes are published once", async () => {
    await using issuer = await startKeyServer([rsa.jwk]);
    using received = changesOf(issuer.url);
    const auth = withKeys({ url: issuer.url, cooldownMs: 1, maxAgeMs: 1 });
    const token = await rsa.sign();
    assert.equal(await statusOf(auth, token), 200);
    await issuer.stop();
    await eventually(async () => {
      assert.equal(await statusOf(auth, token), 200);
      return received.changes.length === 2;
    }, "the failure is published");
    assert.equal(await statusOf(auth, await ec.sign()), 503, "it may be signed by a new key");
    assert.equal(await statusOf(auth, token), 200);
    await issuer.start();
    await eventually(async () => {
      assert.equal(await statusOf(auth, token), 200);
      return received.changes.length === 3;
    }, "the return is published");
    assert.deepEqual(
      received.changes.map(({ state, keys, reason }) => [state, keys, reason]),
      [
        ["loaded", 1, undefined],
        ["failed", 0, "ECONNREFUSED"],
        ["loaded", 1, undefined],
      ],
    );
  });

  test("keys older than maxStaleMs are not used any more", async () => {
    await using issuer = await startKeyServer([rsa.jwk]);
    const auth = withKeys({ url: issuer.url, cooldownMs: 1, maxAgeMs: 1, maxStaleMs: 1 });
    const token = await rsa.sign();
    assert.equal(await statusOf(auth, token), 200);
    await issuer.stop();
    await eventually(async () => (await statusOf(auth, token)) === 503, "old keys are given up");
  });

  test("without any keys a token is a 503 with Retry-After, never a 401, and API keys go on as ever", async () => {
    await using issuer = await startKeyServer([rsa.jwk]);
    await issuer.stop();
    const auth = withKeys({ url: issuer.url, cooldownMs: 1 }, { secret: jwtSecret });
    await using app = await host.serve([auth, showPrincipal], showProblem);
    const authorization = `Bearer ${await rsa.sign()}`;
    const response = await fetch(app.url, { headers: { authorization } });
    const { type } = (await response.json()) as { type: string };
    assert.deepEqual([response.status, type, response.headers.get("retry-after")], [503, "token-verification-unavailable", "1"]);
    assert.equal((await askAt(app.url, "Bearer bob-key")).status, 200);
    assert.equal((await askAt(app.url, `Bearer ${makeJwt({ sub: "eve", exp: inAnHour() })}`)).status, 200);
    await issuer.start();
    await eventually(async () => (await askAt(app.url, authorization)).status === 200, "the issuer is back");
  });

  test("garbage, too much, redirects, errors and silence are failures with a reason, and bounded", async () => {
    await using issuer = await startKeyServer();
    const cases: [reason: RegExp, keys: Parameters<typeof issuer.serve>[0]][] = [
      [/no JWK Set/, (_req, res) => res.end("<html>not keys</html>")],
      [/no JWK Set/, (_req, res) => res.end('{"keys":7}')],
      [/no public key for RS256, ES256, EdDSA/, []],
      [/status 404/, (_req, res) => res.writeHead(404).end("nothing")],
      [/status 302/, (_req, res) => res.writeHead(302, { Location: "https://evil.example/" }).end()],
      [/more than 262144 bytes/, (_req, res) => res.end(Buffer.alloc(10 * 1_024 * 1_024, " "))],
      [/timeout/i, () => undefined],
      [/timeout/i, (_req, res) => void res.writeHead(200).write("{")],
      [/other side closed|ECONNRESET|SOCKET/, (req) => void req.socket.destroy()],
    ];
    for (const [reason, keys] of cases) {
      using received = changesOf(issuer.url);
      issuer.serve(keys);
      const set = new JwkSet({ url: issuer.url, timeoutMs: 1_500 });
      assert.equal(await set.ready(), false);
      assert.match(received.changes[0]?.reason ?? "", reason);
      assert.equal(await statusOf(withKeys(set), await rsa.sign()), 503);
    }
  });

  test("a client that leaves while keys are loaded leaves nothing behind", async () => {
    await using issuer = await startKeyServer();
    let respond: (() => void) | undefined;
    issuer.serve((_req, res) => void (respond = () => res.end(JSON.stringify({ keys: [rsa.jwk] }))));
    await using app = await host.serve([withKeys({ url: issuer.url }), showPrincipal], showProblem);
    const authorization = `Bearer ${await rsa.sign()}`;
    const leaving = request(app.url, { headers: { authorization } }).on("error", () => undefined);
    leaving.end();
    await eventually(() => respond !== undefined, "the issuer is asked");
    const left = new Promise((resolve) => leaving.once("close", resolve));
    leaving.destroy();
    await left;
    respond?.();
    assert.equal((await askAt(app.url, authorization)).status, 200);
    assert.equal(issuer.asked, 1);
  });
});

describe("where keys come from", () => {
  test("a file is read again when a token names a key that it did not have", async () => {
    const folder = mkdtempSync(join(tmpdir(), "aivillage-jwk-"));
    try {
      const file = join(folder, "keys.json");
      const write = (...keys: JWK[]): void => writeFileSync(file, JSON.stringify({ keys }));
      write(rsa.jwk);
      const auth = withKeys({ file, cooldownMs: 1 });
      assert.equal(await statusOf(auth, await rsa.sign()), 200);
      write(rsa.jwk, ed.jwk);
      const token = await ed.sign();
      await eventually(async () => (await statusOf(auth, token)) === 200, "the file is read again");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a pipe is refused at once", { skip: process.platform === "win32" }, () => {
    const folder = mkdtempSync(join(tmpdir(), "aivillage-jwk-"));
    try {
      const file = join(folder, "pipe");
      execFileSync("sh", ["-c", 'mkfifo "$0"', file]);
      assert.throws(() => new JwkSet({ file }), /not a regular file/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a bad source is refused when the set is made", () => {
    const refused = (options: unknown, message: RegExp): void => {
      assert.throws(() => new JwkSet(options as object), { name: "TypeError", message });
      assert.throws(() => withKeys(options as object), { name: "TypeError", message });
    };
    refused({}, /a JwkSet needs either `url` or `file`, got neither/);
    refused({ url: "https://id.example/jwks", file: "keys.json" }, /got both/);
    refused({ url: "http://id.example/jwks" }, /option `url` must be an https: URL.*got 'a URL of http:\/\/id\.example'/);
    refused({ url: "ftp://127.0.0.1/jwks" }, /option `url`/);
    refused({ url: "jwks.json" }, /option `url` .*got 'no URL'/);
    assert.throws(
      () => new JwkSet({ url: "https://ada:c4n4ry@id.example/" }),
      ({ message }: Error) => message.includes("without credentials") && !message.includes("c4n4ry"),
    );
    refused({ file: "/nowhere/keys.json" }, /option `file` must be a file with a JWK Set \(RFC 7517\): .*ENOENT/);
    refused({ file: import.meta.filename }, /option `file`.*no JWK Set/);
    refused({ file: tmpdir() }, /option `file`/);
    refused({ url: "https://id.example/jwks", maxAge: 1 }, /unknown option `maxAge`/);
  });
});
