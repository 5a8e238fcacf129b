import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import {
  compose,
  endConnection,
  getPendingUpgrade,
  type Handler,
  toListener,
  upgradeListener,
  upgradeOrigins,
} from "@aivillage/middleware";
import { listen, rawRequest } from "@aivillage/testing";

/** Grants every upgrade that reaches it. */
const grant: Handler = (req, res) => {
  const pending = getPendingUpgrade(req);
  if (pending === undefined) return void res.end("no upgrade");
  pending.socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  endConnection(pending.socket);
};

async function serve(t: TestContext, isAllowed: Parameters<typeof upgradeOrigins>[0]) {
  const listener = toListener(compose(upgradeOrigins(isAllowed), grant));
  const { server, port } = await listen(listener);
  server.on("upgrade", upgradeListener(listener));
  t.after(() => server.close());
  const ask = (fields: string, upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"): Promise<string> =>
    rawRequest(port, `GET /chat HTTP/1.1\r\nHost: village.example\r\n${upgrade}${fields}\r\n`, 300);
  return async (fields: string, upgrade?: string) => /^HTTP\/1\.1 (\d+)/.exec(await ask(fields, upgrade))?.[1];
}

test("a page of another origin opens no WebSocket unless it is allowed", async (t) => {
  const asked: string[] = [];
  const statusOf = await serve(t, (origin, req) => {
    asked.push(`${origin} ${req.url}`);
    return origin === "https://friend.example";
  });
  assert.equal(await statusOf("Origin: https://evil.example\r\n"), "403");
  assert.equal(await statusOf("Origin: https://friend.example\r\n"), "101");
  assert.equal(await statusOf("Origin: null\r\n"), "403");
  assert.deepEqual(asked, ["https://evil.example /chat", "https://friend.example /chat", "null /chat"]);
});

test("pages of the same host, clients that are no browsers, and other requests pass", async (t) => {
  const statusOf = await serve(t, () => false);
  assert.equal(await statusOf("Origin: https://village.example\r\n"), "101");
  assert.equal(await statusOf(""), "101");
  assert.equal(await statusOf("Origin: https://evil.example\r\nConnection: close\r\n", ""), "200");
});

test("what decides must be a function that is not async", () => {
  assert.throws(() => upgradeOrigins(undefined as never), { option: "isAllowed" });
  assert.throws(() => upgradeOrigins((async () => true) as never), { option: "isAllowed" });
});

test("a promise opens no WebSocket, but is an error of the server", async (t) => {
  const statusOf = await serve(t, (() => Promise.resolve(true)) as never);
  assert.equal(await statusOf("Origin: https://evil.example\r\n"), "500");
});
