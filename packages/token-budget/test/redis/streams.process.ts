/** A process that runs streams against budgets in one Redis, and says before and after each step what they have used. */
import { Redis } from "ioredis";

import { type Hold, RedisStore } from "../../src/index.ts";
import { account } from "../stores/account.ts";

const [port = "", streams = "", leaseMs = ""] = process.argv.slice(2);
const client = new Redis(Number(port));
client.on("error", () => undefined);
const store = new RedisStore({ client, deadlineMs: 10_000 });
const accounts = [account("tokens", "ann"), account("money", "tenant")];
const draw = (below: number): number => Math.floor(Math.random() * below);

/** Resolves when the parent has it, so that it knows what this process was about to do when it is killed. */
function say(message: readonly [what: "asks" | "used" | "refused" | "settles" | "settled", call: string, used: number]): Promise<void> {
  return new Promise((resolve, reject) =>
    process.send?.(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error))),
  );
}

async function stream(call: string): Promise<void> {
  const [steps, step] = [2 + draw(8), 1 + draw(9)];
  const amount = steps * step;
  let used = 0;
  const holds = (): Hold[] => accounts.map((of) => ({ ...of, limit: 3_000, amount, used }));
  await say(["asks", call, used]);
  if (!(await store.hold(call, holds(), Number(leaseMs))).allowed) return say(["refused", call, 0]);
  for (let done = 0; done < steps; done += 1) {
    await new Promise((resolve) => setTimeout(resolve, draw(40)));
    used += step;
    await say(["asks", call, used]);
    await store.hold(call, holds(), Number(leaseMs));
    await say(["used", call, used]);
  }
  const final = used - draw(2);
  await say(["settles", call, final]);
  await store.settle(
    call,
    accounts.map(({ budget, key, startMs, endMs }) => ({ budget, key, startMs, endMs, used: final })),
  );
  await say(["settled", call, final]);
}

await store.ready();
let begun = 0;
async function inTurn(): Promise<void> {
  while (begun < Number(streams)) {
    begun += 1;
    await stream(`${process.pid}-${begun}`);
  }
}
await Promise.all(Array.from({ length: 25 }, inTurn));
store.close();
client.disconnect();
process.disconnect();
