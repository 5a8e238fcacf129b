import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { apiKeyAuth, requirePrincipal } from "../src/index.ts";
import { jwtSecret, makeJwt, nowMs, nowSeconds } from "./support.ts";

const auth = apiKeyAuth({ keys: [{ id: "ada", secret: "ada-key" }], jwt: { secret: jwtSecret }, now: () => nowMs });

function calls(token: string): unknown[] {
  const seen: unknown[] = [];
  const req = { headers: { authorization: `Bearer ${token}` }, rawHeaders: [], url: "/" } as unknown as IncomingMessage;
  assert.equal(
    auth(req, {} as never, (error) => void seen.push(error)),
    undefined,
  );
  return seen;
}

test("a key is decided before the handler returns, a token after", async () => {
  assert.deepEqual(calls("ada-key"), [undefined]);
  assert.equal(calls("wrong-key").length, 1);
  const seen = calls(makeJwt({ sub: "ada", exp: nowSeconds + 1 }));
  assert.deepEqual(seen, []);
  while (seen.length === 0) await new Promise(setImmediate);
  assert.deepEqual(seen, [undefined]);
});

test("a clock that fails is an error of the server and no open door", async () => {
  const broken = apiKeyAuth({ keys: [], jwt: { secret: jwtSecret }, now: () => NaN });
  const req = {
    headers: { authorization: `Bearer ${makeJwt({ sub: "ada", exp: nowSeconds + 1 })}` },
    rawHeaders: [],
    url: "/",
  } as unknown as IncomingMessage;
  const error = await new Promise((resolve) => broken(req, {} as never, resolve));
  assert.ok(error instanceof TypeError);
  const later = await new Promise((resolve) => requirePrincipal()(req, {} as never, resolve));
  assert.equal((later as { status?: number }).status, 401);
});

test("the handlers have names for stack traces", () => {
  assert.equal(auth.name, "apiKeyAuthHandler");
  assert.equal(requirePrincipal().name, "requirePrincipalHandler");
});
