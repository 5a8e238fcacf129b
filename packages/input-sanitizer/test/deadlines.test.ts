import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { eventually } from "@aivillage/testing";

import { anything, serve } from "./problem-app.ts";

test("each stalled body gets its 408 at its own deadline, while complete ones pass", async () => {
  await using app = await serve({ body: anything, limits: { bodyTimeoutMs: 2_000 } });
  const responses: { status: string; afterMs: number }[] = [];
  const sockets: Socket[] = [];
  const stall = (): void => {
    const began = performance.now();
    const socket = connect(app.port, "127.0.0.1", () =>
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[1"),
    );
    socket.once("data", (chunk) => responses.push({ status: chunk.toString("latin1", 9, 12), afterMs: performance.now() - began }));
    socket.on("error", () => undefined);
    sockets.push(socket);
  };
  try {
    for (let count = 0; count < 10; count += 1) {
      stall();
      await sleep(10);
      const init = { method: "POST", body: "[1]", headers: { "Content-Type": "application/json" } };
      assert.equal((await fetch(app.url, init)).status, 200);
    }
    await eventually(() => responses.length === 10, "all stalled bodies are answered");
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  for (const { status, afterMs } of responses) {
    assert.equal(status, "408");
    assert.ok(afterMs >= 1_990, `${afterMs} ms`);
  }
});
