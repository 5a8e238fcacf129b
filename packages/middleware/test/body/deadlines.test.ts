import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { eventually } from "@aivillage/testing";

import { type Deadline, Deadlines } from "../../src/body/deadlines.ts";

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
