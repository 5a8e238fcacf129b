import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { inspect } from "node:util";

import { forEachHost } from "@aivillage/testing";

import { apiKeyAuth, authenticated, authenticationFailed, getPrincipal, requirePrincipal } from "../src/index.ts";
import { ask, jwtSecret, makeJwt, nowMs, nowSeconds } from "./support.ts";

const options = {
  keys: [
    { id: "ada", secret: "ada-key", scopes: ["query"] },
    { id: "late", secret: "late-key", expiresAt: new Date(nowMs) },
    { id: "early", secret: "early-key", notBefore: new Date(nowMs + 1) },
    { id: "gone", secret: "gone-key", revoked: true },
    { id: "away", secret: "away-key", addresses: ["203.0.113.9"] },
  ],
  jwt: { secret: jwtSecret },
  now: () => nowMs,
};
const refusing = apiKeyAuth(options);
const deferring = apiKeyAuth({ ...options, deferRefusal: true });

const failing: readonly (readonly [reason: string, authorization: string | undefined, path?: string])[] = [
  ["missing", undefined],
  ["missing", "Basic eA=="],
  ["in-query", undefined, "/?key=ada-key"],
  ["malformed", "Bearer a b"],
  ["unknown", "Bearer guess"],
  ["expired", "Bearer late-key"],
  ["not-yet-valid", "Bearer early-key"],
  ["mistyped", "Bearer aiv_0123456789ab.x"],
  ["revoked", "Bearer gone-key"],
  ["wrong-address", "Bearer away-key"],
  ["bad-token", "Bearer a.b.c"],
  ["bad-token", `Bearer ${makeJwt({ sub: "ada", exp: nowSeconds + 9 }, { secret: "another-secret-of-more-than-32-bytes" })}`],
  ["unfit-token", `Bearer ${makeJwt({ sub: "ada" })}`],
  ["wrong-audience", `Bearer ${makeJwt({ sub: "ada", exp: nowSeconds + 9, aud: "another" })}`],
  ["expired", `Bearer ${makeJwt({ sub: "ada", exp: nowSeconds })}`],
  ["not-yet-valid", `Bearer ${makeJwt({ sub: "ada", exp: nowSeconds + 9, nbf: nowSeconds + 1 })}`],
];

/** What is published while `work` runs. */
async function published(work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const stops = [
    authenticated.subscribe(({ req, principal }) => {
      assert.equal(getPrincipal(req), principal);
      seen.push(`authenticated ${principal.id}`);
    }),
    authenticationFailed.subscribe(({ req, reason, ...rest }) => {
      assert.equal(typeof req.url, "string");
      assert.deepEqual(rest, {});
      seen.push(reason);
    }),
  ];
  await work();
  for (const stop of stops) stop();
  return seen;
}

forEachHost((host) => {
  test("good credentials are reported once, with the principal", async () => {
    assert.deepEqual(await published(() => ask(host, [refusing, requirePrincipal()], "Bearer ada-key")), ["authenticated ada"]);
    const token = makeJwt({ sub: "eve", exp: nowSeconds + 1 });
    assert.deepEqual(await published(() => ask(host, [deferring], `Bearer ${token}`)), ["authenticated eve"]);
  });

  test("every failure is reported once, with its reason, whether it is refused at once or later", async () => {
    for (const [reason, authorization, path] of failing) {
      assert.deepEqual(await published(() => ask(host, [refusing], authorization, path)), [reason]);
      assert.deepEqual(await published(() => ask(host, [deferring, requirePrincipal()], authorization, path)), [reason]);
    }
  });

  test("on a public route bad credentials are reported, missing ones are not", async () => {
    assert.deepEqual(await published(() => ask(host, [deferring])), []);
    assert.deepEqual(await published(() => ask(host, [deferring], undefined, "/?key=ada-key")), []);
    assert.deepEqual(await published(() => ask(host, [deferring], "Bearer guess")), ["unknown"]);
  });

  test("a lack of scope or tier is reported after the authentication", async () => {
    const seen = await published(() => ask(host, [refusing, requirePrincipal({ scopes: ["chat"] })], "Bearer ada-key"));
    assert.deepEqual(seen, ["authenticated ada", "insufficient-scope"]);
    const ofTier = await published(() => ask(host, [refusing, requirePrincipal({ tiers: ["premium"] })], "Bearer ada-key"));
    assert.deepEqual(ofTier, ["authenticated ada", "insufficient-tier"]);
  });

  test("without apiKeyAuth the refusal is reported as missing", async () => {
    assert.deepEqual(await published(() => ask(host, [requirePrincipal()])), ["missing"]);
  });
});

test("the channels have stable names and the messages hold nothing but request, principal and reason", async () => {
  const messages: object[] = [];
  const listener = (message: unknown): void => void messages.push(message as object);
  const names = ["aivillage:api-key-auth:authenticated", "aivillage:api-key-auth:authentication-failed"];
  for (const name of names) subscribe(name, listener);
  const request = (authorization: string) =>
    ({ headers: { authorization }, rawHeaders: [], url: "/", socket: {} }) as unknown as IncomingMessage;
  refusing(request("Bearer ada-key"), {} as never, () => undefined);
  refusing(request("Bearer guess-1234"), {} as never, () => undefined);
  for (const name of names) unsubscribe(name, listener);
  assert.deepEqual(
    messages.map((message) => Object.keys(message)),
    [
      ["req", "principal"],
      ["req", "reason"],
    ],
  );
  const withoutRequest = inspect(
    messages.map((message) => Object.entries(message).filter(([name]) => name !== "req")),
    { depth: 9, showHidden: true },
  );
  assert.doesNotMatch(withoutRequest, /ada-key|guess-1234/);
});
