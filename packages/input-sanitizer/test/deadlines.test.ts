import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { eventually } from "@aivillage/testing";

import { type Deadline, Deadlines } from "../src/read/deadlines.ts";
import { anything, serve } from "./problem-app.ts";

function deadline(deadlines: Deadlines, missed: string[], name: string): Deadline {
  const made: Deadline = {
    dueAt: deadlines.next(),
    earlier: undefined,
    later: undefined,
    miss: () => {
      deadlines.remove(made);
      missed.push(name);
    },
  };
  return made;
}

test("deadlines are missed in their order, and those that were removed are not", async () => {
  const deadlines = new Deadlines(40);
  const missed: string[] = [];
  const [first, second] = [deadline(deadlines, missed, "first"), deadline(deadlines, missed, "second")];
  deadlines.add(first);
  deadlines.add(second);
  assert.equal(deadlines.remove(second), true);
  assert.equal(deadlines.remove(second), false);
  await sleep(20);
  const third = deadline(deadlines, missed, "third");
  deadlines.add(third);
  await eventually(() => missed.length === 2, "both were missed");
  assert.ok(performance.now() >= third.dueAt);
  assert.deepEqual(missed, ["first", "third"]);
});

test("a deadline that is added after all others were met gets a timer again", async () => {
  const deadlines = new Deadlines(15);
  const missed: string[] = [];
  const early = deadline(deadlines, missed, "early");
  deadlines.add(early);
  deadlines.remove(early);
  await sleep(40);
  deadlines.add(deadline(deadlines, missed, "late"));
  await eventually(() => missed.length === 1, "the late one was missed");
  assert.deepEqual(missed, ["late"]);
});

test("each stalled body gets its 408 at its own deadline, while complete ones pass", async () => {
  await using app = await serve({ body: anything, limits: { bodyTimeoutMs: 2_000 } });
  const answers: { status: string; afterMs: number }[] = [];
  const sockets: Socket[] = [];
  const stall = (): void => {
    const began = performance.now();
    const socket = connect(app.port, "127.0.0.1", () =>
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[1"),
    );
    socket.once("data", (chunk) => answers.push({ status: chunk.toString("latin1", 9, 12), afterMs: performance.now() - began }));
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
    await eventually(() => answers.length === 10, "all stalled bodies are answered");
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  for (const { status, afterMs } of answers) {
    assert.equal(status, "408");
    assert.ok(afterMs >= 1_990, `${afterMs} ms`);
  }
});
