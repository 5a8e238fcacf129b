import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";

import { joinFleet, soleProcess, workerFleet, type WorkerFleetOptions } from "@aivillage/http-server";
import { endProcess, eventually } from "@aivillage/testing";

import type { Wish } from "./worker-fleet.process.ts";

interface Report {
  readonly listens?: number;
  readonly id?: number;
  readonly came?: unknown;
  readonly failed?: { readonly worker: number; readonly call: string; readonly message: string };
}

/** A primary with two workers in its fleet. */
async function startPrimary(t: TestContext) {
  const child = fork(join(import.meta.dirname, "worker-fleet.process.ts"), [], {
    execArgv: ["--conditions=@aivillage/source"],
    silent: true,
  });
  t.after(() => endProcess(child));
  const reports: Report[] = [];
  child.on("message", (report: Report) => void reports.push(report));
  const state = (): string => JSON.stringify(reports);
  let lastId = 0;

  async function wish(to: Wish["to"], call: Wish["call"], ...args: readonly string[]): Promise<unknown> {
    const id = (lastId += 1);
    child.send({ id, to, call, args } satisfies Wish);
    await eventually(() => reports.some((report) => report.id === id), `a reply to ${call}`, { state });
    return reports.find((report) => report.id === id)?.came;
  }

  const pids = async (): Promise<readonly number[]> => ((await wish("all", "pid")) as { replies: number[] }).replies;
  await eventually(async () => (await pids()).length === 2, "both workers are in the fleet", { state });
  return { child, reports, state, wish, pids, failed: () => reports.flatMap(({ failed = [] }) => failed) };
}

describe("workerFleet()", () => {
  test("calls all workers or one of them, and returns what they reply", async (t) => {
    const { wish, pids } = await startPrimary(t);
    const all = await pids();
    assert.equal(new Set(all).size, 2);
    assert.ok(all.includes((await wish("one", "pid")) as number));
    assert.deepEqual(await wish("all", "greeting"), { replies: ["hello", "hello"], missing: 0 });
    assert.deepEqual(await wish("all", "nothing"), { replies: [null, null], missing: 0 });
  });

  test("counts workers that fail, do not reply in time, or have no such call, and reports why by an event", async (t) => {
    const { wish, failed } = await startPrimary(t);
    assert.deepEqual(await wish("all", "fail"), { replies: [], missing: 2 });
    assert.deepEqual(
      failed().map(({ call, message }) => [call, message]),
      [
        ["fail", "it is broken"],
        ["fail", "it is broken"],
      ],
    );
    assert.equal(await wish("one", "fail"), undefined);
    assert.deepEqual(await wish("all", "hang"), { replies: [], missing: 2 });
    assert.equal(failed().at(-1)?.message, "no response within 1 ms");
    assert.deepEqual(await wish("all", "missing"), { replies: [], missing: 2 });
    assert.equal(failed().at(-1)?.message, 'there is no call "missing"');
  });

  test("repeats lasting calls in workers that start later, unless they set what these start with", async (t) => {
    const primary = await startPrimary(t);
    const { wish, pids, state } = primary;
    const replaceOne = async (): Promise<void> => {
      const [first = 0] = await pids();
      process.kill(first, "SIGKILL");
      await eventually(async () => (await pids()).every((pid) => pid !== first) && (await pids()).length === 2, "another worker", {
        state,
      });
    };
    const greetings = async (): Promise<unknown> => ((await wish("all", "greeting")) as { replies: unknown }).replies;
    await wish("all", "setGreeting", "good evening");
    await wish("all", "setGreeting", "good night");
    await replaceOne();
    assert.deepEqual(await greetings(), ["good night", "good night"]);
    await wish("all", "setGreeting", "hello");
    await replaceOne();
    assert.deepEqual(await greetings(), ["hello", "hello"]);
  });

  test("a worker that leaves or dies is called no more", async (t) => {
    const { wish, pids, state } = await startPrimary(t);
    await wish("one", "leave");
    await eventually(async () => (await pids()).length === 1, "one has left", { state });
    assert.deepEqual(await wish("all", "greeting"), { replies: ["hello"], missing: 0 });
  });

  test("options are checked, and each function knows its process", () => {
    assert.throws(() => workerFleet({ timeoutMs: 0 }), { option: "timeoutMs" });
    assert.throws(() => workerFleet({ lastnig: () => undefined } as WorkerFleetOptions<object>), /did you mean "?`?lasting/i);
    assert.throws(() => joinFleet({}), /joinFleet\(\) belongs in a worker/);
  });
});

describe("soleProcess()", () => {
  class Counter {
    #count = 0;
    async add(by: number): Promise<number> {
      return (this.#count += by);
    }
    fail(): never {
      throw new Error("it is broken");
    }
  }

  test("is a fleet of one, whose calls are its own", async () => {
    const fleet = soleProcess(new Counter());
    assert.deepEqual(await fleet.all("add", 2), { replies: [2], missing: 0 });
    assert.equal(await fleet.one("add", 3), 5);
    await assert.rejects(fleet.all("fail"), { message: "it is broken" });
    fleet.close();
  });
});
