import assert from "node:assert/strict";
import dns from "node:dns";
import { test } from "node:test";

import { busyListener } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, send, serveProxy } from "./support.ts";

test("a name with several addresses has time for a slow connection to the first, also when the others refuse", async (t) => {
  await using listener = await busyListener();
  const target = `http://service.test:${listener.port}`;
  await using app = await serveProxy({ target, connectTimeoutMs: 60_000, retries: false });
  t.mock.method(dns, "lookup", (_host: string, _options: unknown, callback: (...args: unknown[]) => void) => {
    callback(null, [
      { address: "127.0.0.2", family: 4 },
      { address: "127.0.0.3", family: 4 },
    ]);
    setImmediate(() => listener.goOn());
  });
  using attempts = collect(downstreamAttempted);
  const { status, body } = await send(app.url);
  assert.deepEqual([status, body, attempts[0]?.reason], [200, "hello", undefined]);
});
