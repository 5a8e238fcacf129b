import assert from "node:assert/strict";
import { fork } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";

import { endProcess } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, send, serveProxy } from "./support.ts";

/** A listener whose queue for connections is full, so that the next one is made when the system asks for it again, a second later. If the queue
 * is taken for full too early, the next one is made sooner. */
async function busyListener(t: TestContext) {
  const child = fork(new URL("busy-listener.ts", import.meta.url));
  const waiting: Socket[] = [];
  t.after(async () => {
    for (const socket of waiting) socket.destroy();
    await endProcess(child);
  });
  const [port] = (await once(child, "message")) as [number];
  child.kill("SIGSTOP");
  for (let isFull = false; !isFull && waiting.length < 64;) {
    const socket = connect(port, "127.0.0.2").on("error", () => undefined);
    waiting.push(socket);
    isFull = await Promise.race([
      once(socket, "connect").then(() => false),
      new Promise<true>((resolve) => setTimeout(resolve, 200, true)),
    ]);
  }
  return { port, goOn: () => child.kill("SIGCONT") };
}

test("a name with several addresses has time for a slow connection to the first, also when the others refuse", async (t) => {
  const { port, goOn } = await busyListener(t);
  await using app = await serveProxy({ target: `http://service.test:${port}`, connectTimeoutMs: 60_000, retries: false });
  t.mock.method(dns, "lookup", (_host: string, _options: unknown, callback: (...args: unknown[]) => void) => {
    callback(null, [
      { address: "127.0.0.2", family: 4 },
      { address: "127.0.0.3", family: 4 },
    ]);
    setImmediate(goOn);
  });
  using attempts = collect(downstreamAttempted);
  const { status, body } = await send(app.url);
  assert.deepEqual([status, body, attempts[0]?.reason], [200, "hello", undefined]);
});
