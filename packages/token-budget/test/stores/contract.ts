import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { eventually } from "@aivillage/testing";

import { type BudgetStore, budgetThresholdReached, type Charge, type Hold, type Standing } from "../../src/index.ts";
import { publishThresholds } from "../../src/standing.ts";
import { account } from "./account.ts";

export { account };

export const hold = (amount: number, { used = 0, of = account(), limit = 100 } = {}): Hold => ({ ...of, limit, amount, used });
export const charge = (used: number, of = account()): Charge => ({ ...of, used });

const shown = (standing: Standing | undefined): unknown => [standing?.spent, standing?.held, standing?.granted];
const longMs = 600_000;

/** What every store promises, as tests. */
export function testStore(
  name: string,
  start: (t: TestContext) => BudgetStore | Promise<BudgetStore>,
  options: { readonly skip?: string | boolean } = {},
): void {
  const check = (promise: string, body: (store: BudgetStore) => Promise<void>): void => {
    test(`${name}: ${promise}`, options, async (t) => body(await start(t)));
  };
  const read = async (store: BudgetStore, of = account()): Promise<unknown> => shown((await store.read([of]))[0]);

  check("a call holds until it is settled, and is charged what it has used", async (store) => {
    const { allowed, standings } = await store.hold("a", [hold(60)], longMs);
    assert.deepEqual([allowed, shown(standings[0]), standings[0]?.limit], [true, [0, 60, 0], 100]);
    const [settled] = await store.settle("a", [charge(25)]);
    assert.deepEqual([shown(settled), settled?.spentBefore], [[25, 0, 0], 0]);
    assert.deepEqual(await read(store), [25, 0, 0]);
  });

  check("a call that does not fit in one budget holds in none", async (store) => {
    const other = account("calls");
    assert.equal((await store.hold("a", [hold(100), hold(1, { of: other, limit: 1 })], longMs)).allowed, true);
    const { allowed, standings } = await store.hold("b", [hold(0), hold(1, { of: other, limit: 1 })], longMs);
    assert.deepEqual([allowed, standings.map(({ held }) => held)], [false, [100, 1]]);
    assert.deepEqual(
      [await read(store), await read(store, other)],
      [
        [0, 100, 0],
        [0, 1, 0],
      ],
    );
  });

  check("of concurrent calls exactly so many hold as fit", async (store) => {
    const results = await Promise.all(Array.from({ length: 100 }, async (_, index) => store.hold(`call-${index}`, [hold(3)], longMs)));
    assert.equal(results.filter(({ allowed }) => allowed).length, 33);
  });

  check("an extension that does not fit leaves a call what it held", async (store) => {
    await store.hold("a", [hold(40)], longMs);
    await store.hold("b", [hold(40)], longMs);
    assert.equal((await store.hold("a", [hold(60, { used: 30 })], longMs)).allowed, true);
    assert.equal((await store.hold("b", [hold(41)], longMs)).allowed, false);
    assert.deepEqual(await read(store), [0, 100, 0]);
    assert.equal((await store.hold("b", [hold(40, { used: 40 })], longMs)).allowed, true, "a renewal always fits");
  });

  check("a call is charged once, however often it is settled, and holds nothing afterwards", async (store) => {
    await store.hold("a", [hold(50)], longMs);
    await Promise.all([store.settle("a", [charge(20)]), store.settle("a", [charge(20)])]);
    await store.settle("a", [charge(30)]);
    assert.equal((await store.hold("a", [hold(10)], longMs)).allowed, false);
    assert.deepEqual(await read(store), [20, 0, 0]);
  });

  check("a call that holds nothing is charged all the same", async (store) => {
    await store.settle("unknown", [charge(7)]);
    assert.deepEqual(await read(store), [7, 0, 0]);
  });

  check("a call that nobody renews is charged what it reported last", async (store) => {
    await store.hold("a", [hold(60, { used: 10 })], longMs);
    await store.hold("a", [hold(60, { used: 35 })], 30);
    await eventually(async () => assert.deepEqual(await read(store), [35, 0, 0]) === undefined, "its lease has ended");
  });

  check("a process that was cut off corrects what its call was charged meanwhile", async (store) => {
    await store.hold("a", [hold(60, { used: 10 })], 1);
    await eventually(async () => assert.deepEqual(await read(store), [10, 0, 0]) === undefined, "its lease has ended");
    await store.settle("a", [charge(45)]);
    await store.settle("a", [charge(45)]);
    assert.deepEqual(await read(store), [45, 0, 0]);
  });

  check("a call whose lease has ended holds again if there is room, and never more than the limit", async (store) => {
    for (const call of ["a", "b"]) await store.hold(call, [hold(50, { used: 10 })], 1);
    await eventually(async () => assert.deepEqual(await read(store), [20, 0, 0]) === undefined, "their leases have ended");
    assert.equal((await store.hold("a", [hold(50, { used: 20 })], longMs)).allowed, true);
    assert.deepEqual(await read(store), [10, 50, 0]);
    assert.equal((await store.hold("c", [hold(40)], longMs)).allowed, true);
    assert.equal((await store.hold("b", [hold(50, { used: 10 })], longMs)).allowed, false);
    assert.deepEqual(await read(store), [0, 100, 0], "b holds what it was charged");
    for (const call of ["a", "b", "c"]) await store.settle(call, [charge(30)]);
    assert.deepEqual(await read(store), [90, 0, 0]);
  });

  check("each period and each key has its own account", async (store) => {
    const accounts = [account(), account("tokens", "bob"), account("tokens", "ann", 1), account("money", "ann")];
    for (const [index, of] of accounts.entries()) assert.equal((await store.hold(`${index}`, [hold(100, { of })], longMs)).allowed, true);
    assert.deepEqual((await store.list()).length, 4);
    assert.deepEqual(
      (await store.list({ budget: "tokens", key: "ann" })).map((each) => each.startMs).toSorted((one, other) => one - other),
      [account().startMs, account("tokens", "ann", 1).startMs],
    );
    assert.deepEqual(
      (await store.list({ budget: "money" })).map(({ key, held }) => [key, held]),
      [["ann", 100]],
    );
  });

  check("a grant adds to the limit of its period, and a reset forgets what was spent", async (store) => {
    await store.settle("a", [charge(90)]);
    assert.equal((await store.hold("b", [hold(30)], longMs)).allowed, false);
    assert.deepEqual(shown(await store.grant(account(), 20)), [90, 0, 20]);
    assert.equal((await store.hold("b", [hold(30)], longMs)).allowed, true);
    assert.deepEqual(shown(await store.reset(account())), [0, 30, 0]);
    await store.settle("b", [charge(5)]);
    assert.deepEqual(await read(store), [5, 0, 0]);
  });

  check("a threshold is reported once for a limit, and once more for the limit that a grant has raised", async (store) => {
    const reported: string[] = [];
    const stop = budgetThresholdReached.subscribe(({ percent, limit, spent }) => reported.push(`${percent} % of ${limit}: ${spent}`));
    const spend = async (call: string, used: number): Promise<void> => {
      const [changed] = await store.settle(call, [charge(used)]);
      if (changed !== undefined) publishThresholds({ name: "tokens", unit: "tokens" }, 100, changed);
    };
    for (const [index, used] of [85, 5, 15].entries()) await spend(`before ${index}`, used);
    await store.grant(account(), 100);
    for (const [index, used] of [50, 10, 40, 5].entries()) await spend(`after ${index}`, used);
    stop();
    assert.deepEqual(reported, ["80 % of 100: 85", "100 % of 100: 105", "80 % of 200: 165", "100 % of 200: 205"]);
  });

  check("amounts are exact up to 10^15", async (store) => {
    const [limit, used] = [1_000_000_000_000_000, 999_999_999_999_998];
    await store.hold("a", [hold(used, { limit })], longMs);
    await store.settle("a", [charge(used)]);
    assert.equal((await store.hold("b", [hold(3, { limit })], longMs)).allowed, false);
    assert.equal((await store.hold("b", [hold(2, { limit })], longMs)).allowed, true);
    assert.deepEqual(await read(store), [used, 2, 0]);
  });

  check("keys with any characters stay apart", async (store) => {
    for (const key of ["a:b", "a b", "", "{x}", "é\n"]) await store.settle(`of ${key}`, [charge(1, account("tokens", key))]);
    assert.deepEqual(
      (await store.list()).map(({ key, spent }) => `${key} ${spent}`).toSorted(),
      ["a:b 1", "a b 1", " 1", "{x} 1", "é\n 1"].toSorted(),
    );
  });
}
