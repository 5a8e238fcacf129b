import assert from "node:assert/strict";
import { test } from "node:test";

import { apiKeyAuth, type ApiKeyAuthOptions, KeyRing, requirePrincipal, requireScope } from "../src/index.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => apiKeyAuth(options as ApiKeyAuthOptions), { name: "TypeError", message });
};
const refusedKey = (key: unknown, message: RegExp): void => refused({ keys: [{ id: "good", secret: "good-key" }, key] }, message);
const keys = [{ id: "ada", secret: "ada-key" }];

test("an unknown option is named together with the known ones", () => {
  refused(
    { keys, secrets: [] },
    /^@aivillage\/api-key-auth: unknown option `secrets`; known options: keys, jwt, carriers, clientIp, failures, realm, deferRefusal, now$/,
  );
  refusedKey(
    { id: "a", secret: "b", expires: 1 },
    /unknown option `keys\[1\]\.expires` \(did you mean `expiresAt`\?\); known options: id, keyId, secret, sha256, name, tier, tenant, budgets, scopes, notBefore, expiresAt, addresses, revoked$/,
  );
  refused(
    { keys, jwt: { algorithm: "HS256" } },
    /unknown option `jwt\.algorithm`; known options: secret, previousSecret, keys, issuer, audience, maxLifetimeMs, clockToleranceMs$/,
  );
  assert.throws(
    () => requirePrincipal({ scope: ["a"] } as object),
    /unknown option `scope` \(did you mean `scopes`\?\); known options: scopes, byName, tiers/,
  );
});

test("a bad value is named with what was expected and what came", () => {
  refused({ keys, realm: 'a"b' }, /option `realm` must be printable ASCII without quotes and backslashes, got 'a"b'/);
  refused({ keys, realm: "a\r\nb" }, /option `realm`/);
  refused({ keys, realm: "" }, /option `realm`/);
  refused({ keys, deferRefusal: "yes" }, /option `deferRefusal` must be true or false, got 'yes'/);
  refused({ keys, now: 5 }, /option `now` must be a function, got 5/);
  refused("ada-key", /options must be an object, got string/);
  assert.throws(() => requirePrincipal({ scopes: "query" as never }), /option `scopes` must be a list of scopes.*got 'query'/);
  assert.throws(() => requirePrincipal({ scopes: ["a b"] }), /option `scopes` must be a list of scopes.*got \[ 'a b' \]/);
  assert.throws(() => requireScope('a"b'), /option `scopes` must be a list of scopes/);
  assert.throws(() => requirePrincipal({ tiers: [] }), /option `tiers` must be a list of at least one tier, got \[\]/);
  assert.throws(() => requirePrincipal({ tiers: [""] }), /option `tiers` must be a list of at least one tier, got \[ '' \]/);
  refused({ keys, clientIp: "127.0.0.1" }, /option `clientIp` must be a function, got '127\.0\.0\.1'/);
  refusedKey({ id: "a", secret: "b", keyId: "" }, /option `keys\[1\]\.keyId` must be a non-empty string, got ''/);
  refusedKey({ id: "a", secret: "b", revoked: "yes" }, /option `keys\[1\]\.revoked` must be true or false, got 'yes'/);
});

test("keys are needed, unless tokens are accepted", () => {
  refused(undefined, /option `keys` must hold a key/);
  refused({}, /option `keys` must hold a key/);
  refused({ keys: [] }, /option `keys` must hold a key, or nobody could come in; give keys, a KeyRing or `jwt`/);
  refused({ keys: null }, /option `keys` must be an array of keys or a KeyRing, got null/);
  refused({ keys: () => keys }, /option `keys` must be an array of keys or a KeyRing, got function/);
  assert.doesNotThrow(() => apiKeyAuth({ keys: [], jwt: { secret: "x".repeat(32) } }));
  assert.doesNotThrow(() => apiKeyAuth({ keys: new KeyRing([]) }));
});

test("a bad key is named by its place", () => {
  refusedKey("key", /option `keys\[1\]` must be an object, got string/);
  refusedKey({ secret: "a-key" }, /option `keys\[1\]\.id` must be a non-empty string, got undefined/);
  refusedKey({ id: 7, secret: "a-key" }, /option `keys\[1\]\.id` must be a non-empty string, got 7/);
  refusedKey({ id: "a" }, /option `keys\[1\]` must have either `secret` or `sha256`, got neither/);
  refusedKey({ id: "a", secret: "b", sha256: "c" }, /option `keys\[1\]` must have either `secret` or `sha256`, got both/);
  refusedKey({ id: "a", sha256: "0".repeat(63) }, /option `keys\[1\]\.sha256` must be 64 hex digits, got 'a string of 63 characters'/);
  refusedKey({ id: "a", secret: "b", name: "" }, /option `keys\[1\]\.name` must be a non-empty string, got ''/);
  refusedKey({ id: "a", secret: "b", tier: "" }, /option `keys\[1\]\.tier` must be a non-empty string, got ''/);
  refusedKey({ id: "a", secret: "b", scopes: "query" }, /option `keys\[1\]\.scopes` must be a list of scopes/);
  refusedKey({ id: "a", secret: "b", scopes: ['a"b'] }, /option `keys\[1\]\.scopes` must be a list of scopes/);
  refusedKey({ id: "a", secret: "good-key" }, /option `keys\[1\]` has the same secret as a key before it/);
});

test("a secret that no Authorization header could carry is refused", () => {
  for (const secret of ["", "with space", 'quote"d', "a=b", "ümlaut", "x".repeat(4097), null, 5]) {
    refusedKey({ id: "a", secret }, /option `keys\[1\]\.secret` must be 1 to 4096 letters, digits and -\._~\+\/ with = only at the end/);
  }
  assert.equal(new KeyRing([{ id: "a", secret: "x".repeat(4096) }]).size, 1);
});

test("an instant must be exact", () => {
  for (const expiresAt of [
    "tomorrow",
    "2026-01-01T00:00:00",
    "2026-13-01",
    "2026-02-29",
    "2026-04-31T00:00Z",
    "1 Jan 2026",
    new Date(NaN),
    1_767_225_600_000,
    null,
  ]) {
    refusedKey(
      { id: "a", secret: "b", expiresAt },
      /option `keys\[1\]\.expiresAt` must be a valid Date or an ISO 8601 instant with offset/,
    );
    refusedKey({ id: "a", secret: "b", notBefore: expiresAt }, /option `keys\[1\]\.notBefore` must be a valid Date/);
  }
  for (const notBefore of ["2026-01-01", "2026-01-01T00:00Z", "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00-05:00"]) {
    assert.equal(new KeyRing([{ id: "a", secret: "b", notBefore }]).size, 1);
  }
});

test("a key that could never be valid is refused", () => {
  const notBefore = "2026-01-01T00:00:00Z";
  refusedKey({ id: "a", secret: "b", notBefore, expiresAt: notBefore }, /option `keys\[1\]\.expiresAt` must be later than `notBefore`/);
});

test("the secret of tokens has at least 32 bytes", () => {
  const message = /option `jwt\.secret` must be a string of at least 32 bytes \(RFC 7518, 3\.2\), got /;
  refused({ keys, jwt: {} }, message);
  refused({ keys, jwt: { secret: "x".repeat(31) } }, message);
  refused({ keys, jwt: { secret: Buffer.alloc(32) } }, message);
  refused({ keys, jwt: null }, /option `jwt` must be an object, got null/);
  assert.doesNotThrow(() => apiKeyAuth({ keys, jwt: { secret: "ä".repeat(16) } }));
});

test("the other token options are checked", () => {
  const secret = "x".repeat(32);
  refused({ keys, jwt: { secret, issuer: "" } }, /option `jwt\.issuer` must be a non-empty string or a list of them, got ''/);
  refused({ keys, jwt: { secret, audience: [] } }, /option `jwt\.audience` must be a non-empty string or a list of them, got \[\]/);
  refused({ keys, jwt: { secret, audience: ["a", ""] } }, /option `jwt\.audience`/);
  refused(
    { keys, jwt: { secret, maxLifetimeMs: 999 } },
    /option `jwt\.maxLifetimeMs` must be an integer of milliseconds, at least 1000, got 999/,
  );
  refused(
    { keys, jwt: { secret, previousSecret: "short" } },
    /option `jwt\.previousSecret` must be a string of at least 32 bytes.*5 characters/,
  );
  refused({ keys, jwt: { secret, keys: "https://id.example" } }, /option `jwt\.keys` must be an object with `url` or `file`, or a JwkSet/);
  refused({ keys, jwt: { secret, clockToleranceMs: -1 } }, /option `jwt\.clockToleranceMs` must be an integer from 0 to 3600000, got -1/);
});
