import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { apiKeyAuth, getPrincipal, requirePrincipal, requireScope } from "../src/index.ts";
import { ask, jwtSecret, makeJwt, nowMs, nowSeconds } from "./support.ts";

const keys = [
  { id: "ada", secret: "ada-key" },
  { id: "bob", secret: "bob-key", scopes: ["query"] },
];
const deferring = apiKeyAuth({ keys, jwt: { secret: jwtSecret }, realm: "village", deferRefusal: true, now: () => nowMs });

forEachHost((host) => {
  test("with deferRefusal nothing is refused, and bad credentials give no principal", async () => {
    for (const authorization of [undefined, "Bearer wrong", "Bearer", "Basic eA==", "Bearer a.b.c"]) {
      const { status, body } = await ask(host, [deferring], authorization);
      assert.deepEqual([status, body], [200, null], authorization);
    }
    assert.deepEqual((await ask(host, [deferring], undefined, "/?api_key=ada-key")).body, null);
    assert.equal((await ask(host, [deferring], "Bearer ada-key")).body.id, "ada");
  });

  test("requirePrincipal refuses with what the deferring middleware would have said", async () => {
    const refusing = apiKeyAuth({ keys, jwt: { secret: jwtSecret }, realm: "village", now: () => nowMs });
    for (const authorization of [undefined, "Bearer wrong", "Bearer", "Basic eA==", "Bearer a.b.c"]) {
      const now = await ask(host, [refusing], authorization);
      assert.ok(now.status === 400 || now.status === 401);
      assert.deepEqual(await ask(host, [deferring, requirePrincipal()], authorization), now, authorization);
    }
    const inQuery = await ask(host, [deferring, requirePrincipal()], undefined, "/?api_key=ada-key");
    assert.equal(inQuery.status, 400);
    assert.deepEqual(inQuery, await ask(host, [refusing], undefined, "/?api_key=ada-key"));
  });

  test("what stands between sees the request before it is refused", async () => {
    const seen: unknown[] = [];
    const limiter: Handler = (req, _res, next) => next(void seen.push(getPrincipal(req)?.id));
    assert.equal((await ask(host, [deferring, limiter, requirePrincipal()], "Bearer wrong")).status, 401);
    assert.equal((await ask(host, [deferring, limiter, requirePrincipal()], "Bearer ada-key")).status, 200);
    assert.deepEqual(seen, [undefined, "ada"]);
  });

  test("without apiKeyAuth before it every request is a 401, even with a good key", async () => {
    const { status, challenge, body } = await ask(host, [requirePrincipal()], "Bearer ada-key");
    assert.deepEqual([status, challenge, body.type], [401, 'Bearer realm="api"', "missing-credentials"]);
  });

  test("all scopes must be held; * holds all", async () => {
    const status = async (scopes: string[], authorization: string): Promise<number> =>
      (await ask(host, [deferring, requirePrincipal({ scopes })], authorization)).status;
    const token = `Bearer ${makeJwt({ sub: "eve", exp: nowSeconds + 60, scope: "query chat" })}`;
    assert.equal(await status(["query", "chat", "upload"], "Bearer ada-key"), 200);
    assert.equal(await status(["query"], "Bearer bob-key"), 200);
    assert.equal(await status(["query", "chat"], "Bearer bob-key"), 403);
    assert.equal(await status(["quer"], "Bearer bob-key"), 403);
    assert.equal(await status(["*"], "Bearer bob-key"), 403);
    assert.equal(await status([], "Bearer bob-key"), 200);
    assert.equal(await status(["chat", "query"], token), 200);
    assert.equal(await status(["upload"], token), 403);
  });

  test("with byName the wildcard that keys hold by default is not enough", async () => {
    const byName = requirePrincipal({ scopes: ["query"], byName: true });
    assert.equal((await ask(host, [deferring, requirePrincipal({ scopes: ["query"] })], "Bearer ada-key")).status, 200);
    const { status, body } = await ask(host, [deferring, byName], "Bearer ada-key");
    assert.deepEqual([status, body.type], [403, "insufficient-scope"]);
    assert.equal((await ask(host, [deferring, byName], "Bearer bob-key")).status, 200);
  });

  test("requireScope is short for all of these scopes", async () => {
    const status = async (authorization: string, ...scopes: [string, ...string[]]): Promise<number> =>
      (await ask(host, [deferring, requireScope(...scopes)], authorization)).status;
    assert.equal(await status("Bearer bob-key", "query"), 200);
    assert.equal(await status("Bearer bob-key", "query", "chat"), 403);
    assert.equal(await status("Bearer ada-key", "query", "chat"), 200);
    assert.equal(await status("Bearer wrong", "query"), 401);
  });

  test("one of the tiers must be the principal's, of a key and of a token", async () => {
    const respond = async (authorization: string, tiers: string[]) =>
      await ask(host, [deferring, requirePrincipal({ tiers })], authorization);
    const token = `Bearer ${makeJwt({ sub: "eve", exp: nowSeconds + 60, tier: "premium" })}`;
    assert.equal((await respond(token, ["premium"])).status, 200);
    assert.equal((await respond("Bearer ada-key", ["premium", "authenticated"])).status, 200);
    const { status, challenge, body } = await respond("Bearer ada-key", ["premium", "partner"]);
    assert.deepEqual([status, challenge], [403, 'Bearer realm="village", error="insufficient_scope"']);
    assert.deepEqual([body.type, body.required_tiers], ["insufficient-tier", ["premium", "partner"]]);
  });

  test("scopes are asked for before tiers", async () => {
    const both = requirePrincipal({ scopes: ["chat"], tiers: ["premium"] });
    assert.equal((await ask(host, [deferring, both], "Bearer bob-key")).body.type, "insufficient-scope");
    assert.equal((await ask(host, [deferring, both], "Bearer ada-key")).body.type, "insufficient-tier");
  });

  test("the later of two decides", async () => {
    const others = apiKeyAuth({ keys: [{ id: "eve", secret: "eve-key" }], deferRefusal: true });
    assert.equal((await ask(host, [deferring, others, requirePrincipal()], "Bearer ada-key")).status, 401);
    assert.equal((await ask(host, [others, deferring, requirePrincipal()], "Bearer ada-key")).body.id, "ada");
  });
});
