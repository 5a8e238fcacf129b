import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";
import * as fc from "fast-check";

import { FailedAttempts } from "../src/failures/failed-attempts.ts";
import { apiKeyAuth, type ApiKeyAuthOptions, authenticationFailed, requirePrincipal } from "../src/index.ts";
import { ask, askAt, jwtSecret, makeJwt, nowMs, nowSeconds, showPrincipal, showProblem } from "./support.ts";

const keys = [
  { id: "ada", secret: "ada-key" },
  { id: "late", secret: "late-key", expiresAt: new Date(nowMs) },
];

/** An authentication whose clock and client are set by the test. */
function controlled(options: Partial<ApiKeyAuthOptions> = {}) {
  const state = { now: nowMs, client: "203.0.113.9" as string | undefined };
  const auth = apiKeyAuth({
    keys,
    failures: { limit: 3, windowMs: 10_000 },
    now: () => state.now,
    clientIp: () => state.client,
    ...options,
  });
  return { state, auth };
}

forEachHost((host) => {
  test("after the limit further guesses are refused with 429 and the time to wait, and a valid key is accepted all the same", async () => {
    const { auth, state } = controlled();
    await using app = await host.serve([auth, showPrincipal], showProblem);
    for (const token of ["guess", "other-guess", "third-guess"]) {
      assert.equal((await askAt(app.url, `Bearer ${token}`)).status, 401);
      state.now += 1_000;
    }
    const response = await fetch(app.url, { headers: { authorization: "Bearer guess" } });
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "7");
    assert.equal(response.headers.get("www-authenticate"), null);
    const body = (await response.json()) as { type: string; retry_after: number };
    assert.deepEqual([body.type, body.retry_after], ["too-many-failed-attempts", 7]);
    assert.equal((await askAt(app.url, "Bearer ada-key")).status, 200);
    state.now += 6_999;
    assert.equal((await askAt(app.url, "Bearer guess")).status, 429);
    state.now += 1;
    assert.equal((await askAt(app.url, "Bearer guess")).status, 401);
  });

  test("a valid token is accepted from an address that guesses, and a forged one counts as a guess", async () => {
    const { auth } = controlled({ jwt: { secret: jwtSecret } });
    const claims = { sub: "ada", exp: nowSeconds + 60 };
    const forged = makeJwt(claims, { secret: "another-secret-of-more-than-32-bytes" });
    for (let count = 0; count < 3; count += 1) assert.equal((await ask(host, [auth], `Bearer ${forged}`)).status, 401);
    assert.equal((await ask(host, [auth], `Bearer ${forged}`)).status, 429);
    assert.equal((await ask(host, [auth], `Bearer ${makeJwt(claims)}`)).status, 200);
  });

  test("only guesses count, and a genuine credential that is refused gets its 401 even from an address that guesses", async () => {
    const away = { id: "away", secret: "away-key", addresses: ["192.0.2.1"] };
    const early = { id: "early", secret: "early-key", notBefore: new Date(nowMs + 1) };
    const gone = { id: "gone", secret: "gone-key", revoked: true };
    const { auth } = controlled({ keys: [...keys, away, early, gone], jwt: { secret: jwtSecret, audience: "village" } });
    const genuine = [
      "late-key",
      "early-key",
      "gone-key",
      "away-key",
      "aiv_0123456789ab.x",
      makeJwt({ sub: "nightly", aud: "village", exp: nowSeconds - 3_600 }),
      makeJwt({ sub: "nightly", aud: "billing", exp: nowSeconds + 60 }),
    ];
    for (let round = 0; round < 3; round += 1) {
      for (const token of genuine) assert.equal((await ask(host, [auth], `Bearer ${token}`)).status, 401, token);
      assert.equal((await ask(host, [auth], "Bearer a b")).status, 400);
      assert.equal((await ask(host, [auth], undefined, "/?key=ada-key")).status, 400);
      assert.equal((await ask(host, [auth])).status, 401);
    }
    for (let count = 0; count < 3; count += 1) assert.equal((await ask(host, [auth], "Bearer guess")).status, 401);
    assert.equal((await ask(host, [auth], "Bearer guess")).status, 429);
    for (const token of genuine) assert.equal((await ask(host, [auth], `Bearer ${token}`)).status, 401, token);
  });

  test("guesses of skipped requests are not counted", async () => {
    const { auth, state } = controlled({ failures: { limit: 1, skip: () => state.client === "192.0.2.7" } });
    state.client = "192.0.2.7";
    for (let count = 0; count < 3; count += 1) assert.equal((await ask(host, [auth], "Bearer guess")).status, 401);
    state.client = "192.0.2.8";
    assert.equal((await ask(host, [auth], "Bearer guess")).status, 401);
    assert.equal((await ask(host, [auth], "Bearer guess")).status, 429);
  });

  test("clients are counted apart, an IPv6 network as one", async () => {
    const { auth, state } = controlled();
    const status = async (client: string | undefined): Promise<number> => {
      state.client = client;
      return (await ask(host, [auth], "Bearer guess")).status;
    };
    for (const last of [1, 2, 3]) assert.equal(await status(`2001:db8:0:ff0${last}::${last}`), 401);
    assert.equal(await status("2001:db8:0:ff77::9"), 429);
    assert.equal(await status("2001:db8:0:fe01::1"), 401);
    assert.equal(await status("203.0.113.9"), 401);
    assert.equal(await status(undefined), 401);
  });

  test("with deferRefusal the 429 comes from requirePrincipal(), and a public route stays open", async () => {
    const { auth } = controlled({ deferRefusal: true });
    for (let count = 0; count < 3; count += 1) assert.equal((await ask(host, [auth, requirePrincipal()], "Bearer guess")).status, 401);
    assert.deepEqual((await ask(host, [auth], "Bearer guess")).body, null);
    const { status, body } = await ask(host, [auth, requirePrincipal()], "Bearer guess");
    assert.deepEqual([status, body.type, body.retry_after], [429, "too-many-failed-attempts", 10]);
    assert.equal((await ask(host, [auth, requirePrincipal()], "Bearer ada-key")).status, 200);
  });

  test("a refusal is reported once as such", async () => {
    const reasons: string[] = [];
    const stop = authenticationFailed.subscribe(({ reason }) => void reasons.push(reason));
    for (const deferRefusal of [false, true]) {
      const { auth } = controlled({ deferRefusal, failures: { limit: 1 } });
      for (let count = 0; count < 2; count += 1) await ask(host, [auth, requirePrincipal()], "Bearer guess");
    }
    stop();
    assert.deepEqual(reasons, ["unknown", "too-many-failures", "unknown", "too-many-failures"]);
  });
});

test("in any trailing window a client has at most `limit` failures, whenever they come", () => {
  const steps = fc.array(fc.nat(400), { minLength: 20, maxLength: 80 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (gaps, limit) => {
      const windowMs = 1_000;
      const attempts = new FailedAttempts({ limit, windowMs, maxClients: 10 });
      const failed: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        const recent = failed.filter((at) => at > now - windowMs).length;
        const waitMs = attempts.waitMs("a", now);
        assert.equal(waitMs > 0, recent >= limit);
        if (waitMs > 0) {
          assert.equal(attempts.waitMs("a", now + waitMs), 0);
          assert.ok(attempts.waitMs("a", now + waitMs - 1) > 0);
          continue;
        }
        attempts.add("a", now);
        failed.push(now);
      }
    }),
    { numRuns: 200 },
  );
});

test("the clients that failed last are remembered, and no more than maxClients", () => {
  const attempts = new FailedAttempts({ limit: 1, windowMs: 1_000, maxClients: 3 });
  for (let client = 0; client < 100_000; client += 1) attempts.add(`10.0.0.${client}`, 0);
  const refused = [99_999, 99_998, 99_997, 99_996, 0].map((client) => attempts.waitMs(`10.0.0.${client}`, 0) > 0);
  assert.deepEqual(refused, [true, true, true, false, false]);
});

test("the options of failures are checked", () => {
  const refused = (failures: unknown, message: RegExp): void =>
    assert.throws(() => apiKeyAuth({ keys, failures: failures as object }), { name: "TypeError", message });
  refused(true, /option `failures` must be an object, got true/);
  refused({ limit: 0 }, /option `failures\.limit` must be an integer from 1 to 1000, got 0/);
  refused({ limit: 1_001 }, /option `failures\.limit`/);
  refused({ windowMs: 0 }, /option `failures\.windowMs` must be an integer from 1 to 86400000, got 0/);
  refused({ maxClients: 0 }, /option `failures\.maxClients` must be an integer from 1 to 1000000, got 0/);
  refused({ max: 5 }, /unknown option `failures\.max`; known options: limit, windowMs, maxClients, skip$/);
});
