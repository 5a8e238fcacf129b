/** A process that settles calls of one token until it is killed, and says each time when a charge is safe. */
import { MemoryStore } from "../../src/index.ts";
import { account } from "../stores/account.ts";

const [journal = "", fsync = "always"] = process.argv.slice(2);
const store = new MemoryStore({ journal, fsync: fsync as "always", compactBytes: 4_096 });
let spent = store.list().reduce((sum, each) => sum + each.spent, 0);
process.send?.(spent);

let calls = 0;
async function settleOne(): Promise<void> {
  calls += 1;
  const call = `${process.pid}-${calls}`;
  await store.hold(call, [{ ...account(), limit: 1_000_000_000, amount: 1, used: 0 }], 60_000);
  await store.settle(call, [{ ...account(), used: 1 }]);
  spent += 1;
  // Only what was received before the end counts, so the parent never believes more than is safe.
  process.send?.(spent);
}

for (;;) await Promise.all([settleOne(), settleOne(), settleOne()]);
