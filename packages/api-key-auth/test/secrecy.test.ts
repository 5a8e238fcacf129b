import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { inspect } from "node:util";

import { HttpProblem } from "@aivillage/middleware";

import {
  type ApiKeyAuthOptions,
  apiKeyAuth,
  authenticated,
  authenticationFailed,
  createApiKey,
  getPrincipal,
  KeyRing,
} from "../src/index.ts";
import { jwtSecret, makeJwt, nowMs, nowSeconds } from "./support.ts";

const secret = "very-secret-key";
const digest = createHash("sha256").update(secret).digest();
const traces = [secret, jwtSecret, digest.toString("hex"), digest.toString("base64"), digest.toString("latin1")];

function assertSilent(value: unknown): void {
  const shown = [inspect(value, { depth: Infinity, showHidden: true }), JSON.stringify(value) ?? "", String(value)].join("\n");
  for (const trace of traces) assert.ok(!shown.includes(trace), shown);
}

function requestWith(token: string): IncomingMessage {
  return { headers: { authorization: `Bearer ${token}` }, rawHeaders: [], url: "/" } as unknown as IncomingMessage;
}

test("a ring and a handler show neither secrets nor digests", () => {
  const ring = new KeyRing([{ id: "ada", secret }]);
  assertSilent(ring);
  assertSilent(apiKeyAuth({ keys: ring, jwt: { secret: jwtSecret } }));
});

test("the principal shows neither the key nor its digest", () => {
  const req = requestWith(secret);
  apiKeyAuth({ keys: [{ id: "ada", secret }] })(req, {} as never, () => undefined);
  const principal = getPrincipal(req);
  assert.equal(principal?.id, "ada");
  assertSilent(principal);
});

test("a refusal does not repeat what was presented", async () => {
  const token = makeJwt({ sub: "ada", exp: nowSeconds - 1 });
  const auth = apiKeyAuth({ keys: [{ id: "ada", secret }], jwt: { secret: jwtSecret }, now: () => nowMs });
  for (const presented of ["not-a-known-key", "not a form", token]) {
    const error = await new Promise((resolve) => auth(requestWith(presented), {} as never, resolve));
    assert.ok(error instanceof HttpProblem);
    const shown = inspect(error, { depth: Infinity, showHidden: true }) + JSON.stringify(error);
    assert.ok(!shown.includes(presented), shown);
    assertSilent(error);
  }
});

test("a key of our form, good, mistyped, too late or after too many failures, is in no error, event and principal", async () => {
  const { key, ...stored } = createApiKey();
  const late = createApiKey();
  const auth = apiKeyAuth({
    keys: [
      { id: "ada", ...stored },
      { id: "late", keyId: late.keyId, sha256: late.sha256, expiresAt: new Date(nowMs) },
    ],
    failures: { limit: 3 },
    now: () => nowMs,
    clientIp: () => "203.0.113.9",
  });
  const seen: unknown[] = [];
  const stops = [
    authenticated.subscribe((message) => void seen.push({ ...message, req: undefined })),
    authenticationFailed.subscribe((message) => void seen.push({ ...message, req: undefined })),
  ];
  for (const presented of [key, key.slice(0, -1), late.key, ...Array.from({ length: 4 }, () => createApiKey().key), key]) {
    const req = requestWith(presented);
    seen.push(await new Promise((resolve) => auth(req, {} as never, resolve)), getPrincipal(req));
  }
  for (const stop of stops) stop();
  const shown = inspect(seen, { depth: Infinity, showHidden: true, customInspect: false });
  assert.match(shown, /too-many-failed-attempts/);
  for (const trace of [key.slice(14), late.key.slice(14), stored.sha256, late.sha256]) assert.ok(!shown.includes(trace.slice(0, 24)));
});

test("errors of options do not show a secret wherever it was put", () => {
  const bad = `${secret} `;
  const wrong: unknown[] = [
    { keys: bad },
    { keys: [bad] },
    { keys: [{ id: "a", secret: bad }] },
    { keys: [{ id: "a", secret: { value: secret } }] },
    { keys: [{ id: "a", sha256: secret }] },
    { keys: [{ id: "a", sha256: [secret] }] },
    { keys: [{ id: "a", secret, sha256: digest.toString("hex") }] },
    { keys: [{ id: "a", key: secret }] },
    { keys: [{ id: "a", secret, tier: 1 }] },
    { keys: [{ id: "a", secret, expiresAt: "soon" }] },
    {
      keys: [
        { id: "a", secret },
        { id: "b", secret },
      ],
    },
    { keys: { ada: secret } },
    { keys: [], jwt: secret },
    { keys: [], jwt: { secret } },
    { keys: [], jwt: { secret: [jwtSecret] } },
    { keys: [], jwt: { secret: jwtSecret, issuer: 1 } },
    { keys: [], jwt: { secret: jwtSecret, secrets: [secret] } },
  ];
  for (const options of wrong) {
    assert.throws(
      () => apiKeyAuth(options as ApiKeyAuthOptions),
      (error: Error) => {
        assert.equal(error.name, "TypeError");
        assertSilent(error.message);
        return true;
      },
      inspect(options),
    );
  }
});
