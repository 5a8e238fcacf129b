import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { OptionError } from "@aivillage/middleware";
import { eventually, temporaryFile } from "@aivillage/testing";
import * as fc from "fast-check";

import { budgetJournalFailed, MemoryStore, type MemoryStoreOptions } from "../../src/index.ts";
import { account, charge, hold } from "../stores/contract.ts";

function pathFor(t: TestContext): string {
  const file = temporaryFile("budgets.journal");
  t.after(() => file[Symbol.dispose]());
  return file.path;
}

/** Does something with a store, which is closed as at the end of a process. */
async function during<T>(options: MemoryStoreOptions, body: (store: MemoryStore) => Promise<T> | T): Promise<T> {
  const store = new MemoryStore(options);
  try {
    return await body(store);
  } finally {
    store.close();
  }
}

const spentOf = (store: MemoryStore): readonly unknown[] =>
  store.list().map(({ key, spent, held, granted }) => [key, spent, held, granted]);

test("a new process finds what was spent and granted, and charges running calls what they had reported", async (t) => {
  const journal = pathFor(t);
  await during({ journal }, async (store) => {
    await store.settle("a", [charge(30)]);
    await store.grant(account(), 7);
    await store.hold("running", [hold(50, { used: 5 })], 60_000);
    await store.hold("running", [hold(50, { used: 12 })], 60_000);
  });
  assert.deepEqual(await during({ journal }, spentOf), [["ann", 42, 0, 7]]);
  assert.deepEqual(await during({ journal }, spentOf), [["ann", 42, 0, 7]], "once");
});

test("a journal that is cut off anywhere gives what was whole", async (t) => {
  const journal = pathFor(t);
  await during({ journal, fsync: "always" }, async (store) => {
    for (let call = 1; call <= 20; call += 1) await store.settle(`${call}`, [charge(1, account("tokens", `k${call % 3}`))]);
  });
  const whole = readFileSync(journal);
  const copy = `${journal}.copy`;
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), async (length) => {
      writeFileSync(copy, whole);
      truncateSync(copy, length);
      const total = await during({ journal: copy }, (store) => store.list().reduce((sum, { spent }) => sum + spent, 0));
      const lines = whole.subarray(0, length).toString().split("\n").length - 1;
      assert.equal(total, Math.max(0, lines - 1));
    }),
  );
});

test("a journal that is damaged before its end is refused, with the line", async (t) => {
  const journal = pathFor(t);
  await during({ journal, fsync: "always" }, async (store) => {
    for (const call of ["a", "b", "c"]) await store.settle(call, [charge(1)]);
  });
  const lines = readFileSync(journal, "utf8").split("\n");
  writeFileSync(journal, lines.with(2, `${lines[2]?.slice(0, -1)}x`).join("\n"));
  assert.throws(
    () => new MemoryStore({ journal }),
    (error) => error instanceof OptionError && /line 3 is damaged/.test(error.message),
  );
  writeFileSync(journal, "something else\nthat is no journal\n");
  assert.throws(() => new MemoryStore({ journal }), /is not a journal of token budgets/);
});

test("the journal is rewritten when it has grown, and holds the same", async (t) => {
  const journal = pathFor(t);
  const spent = await during({ journal, compactBytes: 2_000 }, async (store) => {
    for (let call = 1; call <= 300; call += 1) {
      await store.hold(`${call}`, [hold(5, { used: 1, limit: 10_000 })], 60_000);
      await store.settle(`${call}`, [charge(3)]);
      if (call % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await store.hold("running", [hold(5, { used: 4, limit: 10_000 })], 60_000);
    await eventually(() => readFileSync(journal).length < 10_000, "it was written anew");
    return spentOf(store);
  });
  assert.deepEqual(spent, [["ann", 900, 5, 0]]);
  assert.deepEqual(await during({ journal }, spentOf), [["ann", 904, 0, 0]]);
});

test("more changes than wait for a slow disk are in the journal of a process that ends", async (t) => {
  const journal = pathFor(t);
  await during({ journal }, async (store) => {
    // All in one turn of the event loop, so that none is written before the end.
    for (let call = 1; call <= 100_010; call += 1) await store.settle(`${call}`, [charge(1)]);
  });
  assert.deepEqual(await during({ journal }, spentOf), [["ann", 100_010, 0, 0]]);
});

test("a journal that cannot be written at the end is reported, and close() does not throw", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const journal = join(folder, "budgets.journal");
  const failures: object[] = [];
  t.after(budgetJournalFailed.subscribe((failure) => void failures.push(failure)));
  await during({ journal }, async (store) => {
    for (let call = 1; call <= 100_010; call += 1) await store.settle(`${call}`, [charge(1)]);
    rmSync(folder, { recursive: true });
  });
  assert.equal(failures.length, 1);
});

test("accounts of periods that are long over are left out", async (t) => {
  const journal = pathFor(t);
  await during({ journal }, async (store) => {
    await store.settle("old", [charge(5, account("tokens", "old", -3))]);
    await store.settle("new", [charge(5, account("tokens", "new"))]);
  });
  assert.deepEqual(await during({ journal }, spentOf), [["new", 5, 0, 0]]);
});

test("one process alone uses a journal", async (t) => {
  const journal = pathFor(t);
  await during({ journal }, () => {
    assert.throws(() => new MemoryStore({ journal }), /this process uses it already/);
  });
  writeFileSync(`${journal}.lock`, "1");
  assert.throws(() => new MemoryStore({ journal }), /process 1 uses it/);
  writeFileSync(`${journal}.lock`, "999999999");
  await during({ journal }, () => undefined);
  assert.equal(existsSync(`${journal}.lock`), false);
});

test("a folder that is not there is an error of the option", () => {
  assert.throws(
    () => new MemoryStore({ journal: "/nowhere/at/all/budgets" }),
    (error) => error instanceof OptionError && error.option === "journal",
  );
});

test("what was written after a torn line by nobody of us does not matter", async (t) => {
  const journal = pathFor(t);
  await during({ journal }, async (store) => void (await store.settle("a", [charge(2)])));
  appendFileSync(journal, "00000000 [[");
  assert.deepEqual(await during({ journal }, spentOf), [["ann", 2, 0, 0]]);
});
