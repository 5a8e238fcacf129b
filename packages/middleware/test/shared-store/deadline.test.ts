import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import { Deadline, DeadlineError } from "../../src/shared-store/deadline.ts";
import { clockByHand } from "../clock-by-hand.ts";

const never = new Promise<never>(() => undefined);

interface Outcome {
  readonly value: unknown;
  readonly ms: number;
}

/** What became of an operation, and after how many milliseconds. */
async function outcome(operation: Promise<unknown>): Promise<Outcome> {
  const start = performance.now();
  const value = await operation.catch((error: Error) => error.name);
  return { value, ms: performance.now() - start };
}

/** Does something turn by turn until the outcome is there. */
async function meanwhile(asked: Promise<Outcome>, step: () => unknown): Promise<Outcome> {
  const state: { outcome?: Outcome } = {};
  void asked.then((value) => (state.outcome = value));
  while (state.outcome === undefined) await step();
  return state.outcome;
}

/** Operations in the order in which they were asked, to be answered by hand. */
function questions(deadline: Deadline, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const kept = deadline.keep(promise).catch((error: Error) => error.name);
    return { kept, answer: () => resolve(index) };
  });
}

/** Keeps this process from its sockets, as heavy work does. */
function work(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

interface SlowEcho extends AsyncDisposable {
  readonly socket: Socket;
  /** Keeps this process from its sockets until the server has sent this many answers. */
  workUntilSent(responses: number): void;
}

/** A server in a thread of its own, which is not kept busy by this one and answers after a while. */
async function slowEcho(afterMs: number): Promise<SlowEcho> {
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const source = `
    const { parentPort, workerData: sent } = require("node:worker_threads");
    const count = () => Atomics.notify(sent, 0, Atomics.add(sent, 0, 1) + 1);
    const server = require("node:net").createServer((socket) => {
      socket.on("error", () => undefined).on("data", (data) => setTimeout(() => socket.write(data, count), ${afterMs}));
    });
    server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
  `;
  const worker = new Worker(source, { eval: true, workerData: sent });
  const [port] = (await once(worker, "message")) as [number];
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return {
    socket,
    workUntilSent(responses) {
      for (let seen = Atomics.load(sent, 0); seen < responses; seen = Atomics.load(sent, 0)) Atomics.wait(sent, 0, seen);
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await worker.terminate();
    },
  };
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout" || name === "Immediate").length;

test("an operation without a response is given up after the deadline, and no timer is left", async () => {
  const before = timers();
  const deadline = new Deadline(40);
  const { value, ms } = await outcome(deadline.keep(never));
  assert.equal(value, "DeadlineError");
  assert.ok(ms >= 35, `${ms} ms`);
  assert.equal(timers(), before);
  await assert.rejects(new Deadline(20).keep(never), new DeadlineError(20));
});

test("an operation that fails, fails as it did", async () => {
  const deadline = new Deadline(40);
  await assert.rejects(deadline.keep(Promise.reject(new Error("no connection"))), /no connection/);
  assert.equal((await outcome(deadline.keep(never))).value, "DeadlineError");
});

test("a response that came while this process was busy is received", async () => {
  await using echo = await slowEcho(5);
  for (let round = 1; round <= 5; round += 1) {
    const deadline = new Deadline(30);
    const response = once(echo.socket, "data");
    echo.socket.write("?");
    const asked = outcome(deadline.keep(response));
    work(60);
    echo.workUntilSent(round);
    assert.equal(String((await asked).value), "?");
  }
});

test("a process that is always busy sends its question and receives the response, turn by turn", async () => {
  await using echo = await slowEcho(1);
  const deadline = new Deadline(20);
  for (let round = 1; round <= 5; round += 1) {
    const response = once(echo.socket, "data");
    let isAsked = false;
    // Clients send at the end of a turn, so that all of it goes in one piece.
    setImmediate(() => (isAsked = echo.socket.write("?")));
    const { value } = await meanwhile(outcome(deadline.keep(response)), async () => {
      work(60);
      if (isAsked) echo.workUntilSent(round);
      await turn();
    });
    assert.equal(String(value), "?");
  }
});

test("a busy process gives up on one that is silent all the same", async () => {
  const deadline = new Deadline(20);
  let turns = 0;
  const { value } = await meanwhile(outcome(deadline.keep(never)), async () => {
    work(30);
    turns += 1;
    await turn();
  });
  assert.equal(value, "DeadlineError");
  assert.ok(turns >= 3 && turns < 12, `${turns} turns`);
});

test("while earlier questions get responses one by one, later ones wait longer than the deadline", async (t) => {
  const clock = clockByHand(t);
  const deadline = new Deadline(250);
  const asked = questions(deadline, 10);
  for (const { answer: respond } of asked) {
    await clock.advance(50);
    respond();
  }
  assert.deepEqual(await Promise.all(asked.map(({ kept }) => kept)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("however many others get a response, nobody waits for more than ten deadlines", async (t) => {
  const clock = clockByHand(t);
  const deadline = new Deadline(20);
  const asked = questions(deadline, 1_000);
  let responses = 0;
  const { value, ms } = await meanwhile(outcome(deadline.keep(never)), async () => {
    asked[responses]?.answer();
    responses += 1;
    await clock.advance(1);
  });
  assert.equal(value, "DeadlineError");
  assert.ok(ms >= 180 && ms <= 220, `${ms} ms`);
  for (const { answer: respond } of asked) respond();
});

test("responses to later questions do not hold up an earlier one: they come from elsewhere", async (t) => {
  const clock = clockByHand(t);
  const deadline = new Deadline(100);
  const { value, ms } = await meanwhile(outcome(deadline.keep(never)), async () => {
    await deadline.keep(Promise.resolve());
    await clock.advance(1);
  });
  assert.equal(value, "DeadlineError");
  assert.ok(ms >= 95 && ms <= 100, `${ms} ms`);
});

test("a process that is not busy waits no longer than the deadline, whenever it asks", async (t) => {
  const clock = clockByHand(t);
  const deadline = new Deadline(50);
  const asked: Promise<Outcome>[] = [];
  for (let count = 0; count < 60; count += 1) {
    asked.push(outcome(deadline.keep(never)));
    await clock.advance(1);
  }
  await clock.advance(60);
  for (const { value, ms } of await Promise.all(asked)) {
    assert.equal(value, "DeadlineError");
    assert.ok(ms >= 45 && ms <= 50, `${ms} ms`);
  }
});

test("a response that came before a question was asked gives it no more time", async (t) => {
  const clock = clockByHand(t);
  const deadline = new Deadline(50);
  for (let phase = 0; phase < 7; phase += 1) {
    await deadline.keep(Promise.resolve());
    const asked = outcome(deadline.keep(never));
    await clock.advance(60 + phase);
    assert.ok((await asked).ms <= 50, `${(await asked).ms} ms`);
  }
});
