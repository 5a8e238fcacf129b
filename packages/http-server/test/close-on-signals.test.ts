import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, type TestContext, test } from "node:test";

import { closeOnSignals, type CloseOnSignalsOptions, signalGuard } from "@aivillage/http-server";
import { eventually } from "@aivillage/testing";

/** Listens for signals until the test ends, and notes what happens in place of ending the process. */
function listenFor(t: TestContext, close: () => Promise<unknown>) {
  const happened: string[] = [];
  t.mock.method(process, "exit", (code: number) => void happened.push(`exit ${code}`));
  const stop = closeOnSignals(
    () => {
      happened.push("close");
      return close();
    },
    {
      onSignal: (signal) => void happened.push(signal),
      onError: (error, kind) => void happened.push(`${kind} ${(error as Error).message}`),
    },
  );
  t.after(stop);
  return { happened, stop };
}

describe("closeOnSignals()", () => {
  test("closes on the first signal, ignores its copies, and ends the process with 0", async (t) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { happened } = listenFor(t, () => promise);
    process.emit("SIGTERM");
    process.emit("SIGINT");
    resolve();
    await eventually(() => happened.includes("exit 0"), "the end");
    assert.deepEqual(happened.slice(1), ["close", "exit 0"]);
  });

  test("ends the process with 1 when closing fails", async (t) => {
    const { happened } = listenFor(t, () => Promise.reject(new Error("stuck")));
    process.emit("SIGINT");
    await eventually(() => happened.includes("exit 1"), "the end");
    assert.deepEqual(happened.slice(1), ["close", "close-failed stuck", "exit 1"]);
  });

  test("closes after an error that nothing caught, and ends the process with 1", async (t) => {
    const { happened } = listenFor(t, () => Promise.resolve());
    // The test runner listens too, and would take these for errors of the test.
    const listener = process.listeners("uncaughtException").at(-1);
    for (const message of ["first", "second"]) listener?.(new Error(message), "uncaughtException");
    await eventually(() => happened.includes("exit 1"), "the end");
    assert.deepEqual(happened, ["uncaught first", "close", "uncaught second", "exit 1"]);
  });

  test("closes once, and ends with 1, when nothing has caught an error while it closes", async (t) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { happened } = listenFor(t, () => promise);
    process.emit("SIGTERM");
    process.listeners("uncaughtException").at(-1)?.(new Error("late"), "uncaughtException");
    resolve();
    await eventually(() => happened.length === 4, "the end");
    assert.deepEqual(happened.slice(1), ["close", "uncaught late", "exit 1"]);
  });

  const wrong: Readonly<Record<string, [close: () => unknown, reported: RegExp]>> = {
    "throws at once": [() => assert.fail("gone"), /^close-failed gone$/],
    "returns no promise": [() => 1, /^close-failed @aivillage\/http-server: `close` must return a promise, .* got number$/],
  };
  for (const [what, [close, reported]] of Object.entries(wrong)) {
    test(`a close that ${what} has failed`, async (t) => {
      const { happened } = listenFor(t, close as () => Promise<unknown>);
      process.emit("SIGTERM");
      await eventually(() => happened.length === 4, "the end");
      assert.equal(happened[3], "exit 1");
      assert.match(happened[2] ?? "", reported);
    });
  }

  test("listeners may be async, and their rejections do not end the process", async (t) => {
    t.mock.method(process, "exit", () => undefined);
    const warned = once(process, "warning");
    const onSignal = async (): Promise<never> => assert.fail("the service for messages is down");
    t.after(closeOnSignals(() => new Promise(() => undefined), { onSignal }));
    process.emit("SIGTERM");
    const [{ message }] = (await warned) as [Error];
    assert.equal(message, "the service for messages is down");
  });

  test("listens no more after its result was called", (t) => {
    const before = process.listenerCount("SIGTERM");
    const { stop } = listenFor(t, () => Promise.resolve());
    assert.equal(process.listenerCount("SIGTERM"), before + 1);
    stop();
    assert.equal(process.listenerCount("SIGTERM"), before);
  });

  test("refuses bad options", () => {
    assert.throws(() => closeOnSignals("close" as unknown as () => Promise<void>), /option `close` must be a function/);
    assert.throws(
      () => closeOnSignals(async () => undefined, { onSignal: 1 } as unknown as CloseOnSignalsOptions),
      /option `onSignal` must be/,
    );
  });
});

test("signalGuard() distinguishes a second signal from a copy of the first", () => {
  let now = 0;
  const guard = signalGuard(() => now);
  const kinds = [0, 0, 999, 1_000, 1_001, 60_000].map((at) => {
    now = at;
    return guard();
  });
  assert.deepEqual(kinds, ["first", "copy", "copy", "again", "again", "again"]);
});
