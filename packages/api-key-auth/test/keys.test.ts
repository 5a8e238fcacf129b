import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";

import type { HttpProblem } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { type ApiKey, apiKeyAuth, KeyRing } from "../src/index.ts";
import { ask, askAt, nowMs, showPrincipal, showProblem } from "./support.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const at = (ms: number) => () => ms;

test("the clock is that of the moment, also where a test replaces it after the middleware was made", (t) => {
  const keys = [{ id: "ada", secret: "ada-key", expiresAt: "2090-01-01" }];
  const auth = apiKeyAuth({ keys });
  const status = (): unknown => {
    let given: unknown;
    const req = Object.assign(new IncomingMessage(new Socket()), { headers: { authorization: "Bearer ada-key" } });
    auth(req, new ServerResponse(req), (error) => (given = (error as HttpProblem | undefined)?.status));
    return given;
  };
  assert.equal(status(), undefined);
  t.mock.timers.enable({ apis: ["Date"], now: Date.parse("2091-01-01") });
  assert.equal(status(), 401);
});

forEachHost((host) => {
  test("a key may be given as its digest, in either case", async () => {
    const keys = [
      { id: "ada", sha256: sha256("ada-key") },
      { id: "bob", sha256: sha256("bob-key").toUpperCase() },
    ];
    assert.equal((await ask(host, [apiKeyAuth({ keys })], "Bearer ada-key")).body.id, "ada");
    assert.equal((await ask(host, [apiKeyAuth({ keys })], "Bearer bob-key")).body.id, "bob");
  });

  test("the digest itself is no credential", async () => {
    const auth = apiKeyAuth({ keys: [{ id: "ada", secret: "ada-key" }] });
    assert.equal((await ask(host, [auth], `Bearer ${sha256("ada-key")}`)).status, 401);
  });

  test("every key has its own name, tier and scopes", async () => {
    const keys: ApiKey[] = [
      { id: "ada", secret: "ada-key", name: "Ada's laptop", tier: "premium", scopes: ["query", "chat"] },
      { id: "bob", secret: "bob-key", scopes: [] },
    ];
    const auth = apiKeyAuth({ keys });
    assert.deepEqual((await ask(host, [auth], "Bearer ada-key")).body, {
      kind: "key",
      id: "ada",
      name: "Ada's laptop",
      tier: "premium",
      scopes: ["query", "chat"],
    });
    assert.deepEqual((await ask(host, [auth], "Bearer bob-key")).body, { kind: "key", id: "bob", tier: "authenticated", scopes: [] });
  });

  test("a key is valid from notBefore on and until just before expiresAt", async () => {
    const keys = [{ id: "ada", secret: "ada-key", notBefore: new Date(nowMs), expiresAt: "2026-01-02T00:00:00+01:00" }];
    const expiresAt = Date.parse("2026-01-01T23:00:00Z");
    const statusAt = async (ms: number): Promise<number> => (await ask(host, [apiKeyAuth({ keys, now: at(ms) })], "Bearer ada-key")).status;
    assert.equal(await statusAt(nowMs - 1), 401);
    assert.equal(await statusAt(nowMs), 200);
    assert.equal(await statusAt(expiresAt - 1), 200);
    assert.equal(await statusAt(expiresAt), 401);
  });

  test("unknown, expired, not yet valid, revoked and misplaced keys get the same response", async () => {
    const keys = [
      { id: "late", secret: "late-key", expiresAt: new Date(nowMs) },
      { id: "early", secret: "early-key", notBefore: new Date(nowMs + 1) },
      { id: "gone", secret: "gone-key", revoked: true },
      { id: "away", secret: "away-key", addresses: ["203.0.113.9"] },
    ];
    const auth = apiKeyAuth({ keys, now: at(nowMs) });
    const unknown = await ask(host, [auth], "Bearer unknown-key");
    assert.equal(unknown.status, 401);
    assert.deepEqual(await ask(host, [auth], "Bearer late-key"), unknown);
    for (const key of ["early-key", "gone-key", "away-key"]) assert.deepEqual(await ask(host, [auth], `Bearer ${key}`), unknown);
  });

  test("keys rotate without a restart: old, both, new", async () => {
    const old = { id: "ada", secret: "old-key" };
    const young = { id: "ada", secret: "new-key" };
    const ring = new KeyRing([old]);
    await using app = await host.serve([apiKeyAuth({ keys: ring }), showPrincipal], showProblem);
    const statuses = async (): Promise<number[]> => [
      (await askAt(app.url, "Bearer old-key")).status,
      (await askAt(app.url, "Bearer new-key")).status,
    ];
    assert.deepEqual(await statuses(), [200, 401]);
    ring.replace([old, young]);
    assert.deepEqual(await statuses(), [200, 200]);
    ring.replace([young]);
    assert.deepEqual(await statuses(), [401, 200]);
    ring.replace([]);
    assert.deepEqual(await statuses(), [401, 401]);
  });
});

test("a revoked key is reported as such to the operator, whatever its time", () => {
  const ring = new KeyRing([{ id: "ada", secret: "ada-key", revoked: true, expiresAt: new Date(nowMs - 1) }]);
  assert.equal(ring.check("ada-key", nowMs), "revoked");
  ring.replace([{ id: "ada", secret: "ada-key", revoked: false }]);
  assert.equal(typeof ring.check("ada-key", nowMs), "object");
});

test("a replacement with a bad key leaves the keys as they were", () => {
  const ring = new KeyRing([{ id: "ada", secret: "ada-key" }]);
  assert.throws(() => ring.replace([{ id: "bob", secret: "bob-key" }, { id: "" }]), TypeError);
  assert.equal(ring.size, 1);
  assert.equal(ring.check("bob-key", nowMs), "unknown");
  assert.equal(typeof ring.check("ada-key", nowMs), "object");
});

test("a ring reports to the operator which check failed", () => {
  const ring = new KeyRing([
    { id: "late", secret: "late-key", expiresAt: new Date(nowMs) },
    { id: "early", secret: "early-key", notBefore: new Date(nowMs + 1) },
  ]);
  assert.equal(ring.check("late-key", nowMs), "expired");
  assert.equal(ring.check("early-key", nowMs), "not-yet-valid");
  assert.equal(ring.check("other-key", nowMs), "unknown");
  assert.equal(ring.check("early-key", NaN), "expired");
});

test("changing the options or the principal later changes nothing", () => {
  const key: ApiKey = { id: "ada", secret: "ada-key", scopes: ["query"] };
  const keys = [key];
  const ring = new KeyRing(keys);
  key.scopes = ["*"];
  keys.push({ id: "eve", secret: "eve-key" });
  const principal = ring.check("ada-key", nowMs);
  assert.ok(typeof principal === "object");
  assert.deepEqual(principal.scopes, ["query"]);
  assert.throws(() => (principal.scopes as string[]).push("*"), TypeError);
  assert.throws(() => Object.assign(principal, { tier: "premium" }), TypeError);
  assert.equal(ring.check("eve-key", nowMs), "unknown");
});
