import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import { bodyReader, inContext } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

const client = new AsyncLocalStorage<string>();

test("a callback runs in the context in which it was made, with its arguments, not in that of its caller", () => {
  const events = new EventEmitter();
  const seen: unknown[] = [];
  client.run("ann", () =>
    events.on(
      "end",
      inContext((...args: unknown[]) => seen.push(client.getStore(), ...args)),
    ),
  );
  client.run("bob", () => events.emit("end", 1, "two"));
  assert.deepEqual(seen, ["ann", 1, "two"]);
});

test("what follows a body, or its error, runs in the context of its request", async () => {
  const fail = (): Error => new Error("failed");
  const readBody = bodyReader({ maxBytes: 10, timeoutMs: 60_000, tooLarge: fail, tooLate: fail, alreadyRead: fail });
  await using app = await listen((req, res) => {
    client.run(req.url ?? "", () => {
      readBody(req, res, (error) => res.setHeader("Connection", "close").end(`${client.getStore()} ${error?.message ?? "read"}`));
    });
  });
  // The body comes after the head, so that it is an event of its own.
  const send = (path: string, body: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request(app.url + path, { method: "POST", headers: { Expect: "100-continue", "Transfer-Encoding": "chunked" } });
      sent.on("continue", () => sent.end(body)).on("response", (response) => void text(response).then(resolve, reject));
    });
  assert.deepEqual(await Promise.all([send("/ann", "short"), send("/bob", "much too long")]), ["/ann read", "/bob failed"]);
});
