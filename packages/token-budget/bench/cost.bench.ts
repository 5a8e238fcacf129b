/**
 * What a call costs: held, and settled, in CPU microseconds, beside rate-limiter-flexible that consumes and rewards points for the same. Run:
 * `node --conditions=@aivillage/source bench/cost.bench.ts`. Fails if a call in one memory budget costs more than 15 us.
 */
import { RateLimiterMemory } from "rate-limiter-flexible";

import { MemoryStore } from "../src/index.ts";

const calls = 20_000;
const rounds = 15;
const mostUs = 15;
const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
const dayMs = 86_400_000;
const startMs = Math.floor(Date.now() / dayMs) * dayMs;
const endMs = startMs + dayMs;

const store = new MemoryStore();
const limit = 1_000_000_000_000;
const points = new RateLimiterMemory({ points: limit, duration: 86_400 });

let made = 0;
function inBudgets(budgets: readonly string[]): (user: string) => Promise<void> {
  return async (user) => {
    made += 1;
    const call = `call-${made}`;
    await store.hold(
      call,
      budgets.map((budget) => ({ budget, key: user, startMs, endMs, limit, amount: 1_000, used: 10 })),
      10_000,
    );
    await store.settle(
      call,
      budgets.map((budget) => ({ budget, key: user, startMs, endMs, used: 400 })),
    );
  };
}

const contestants: Readonly<Record<string, (user: string) => Promise<unknown>>> = {
  "1 budget": inBudgets(["tokens"]),
  "3 budgets": inBudgets(["tokens", "money", "calls"]),
  "rate-limiter-flexible: consume and reward": async (user) => {
    await points.consume(user, 1_000);
    await points.reward(user, 600);
  },
};

async function cost(call: (user: string) => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  for (let done = 0; done < calls; done += 1) await call(users[done % users.length] ?? "");
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

for (const [name, call] of Object.entries(contestants)) {
  const costs: number[] = [];
  for (let round = 0; round < rounds; round += 1) costs.push(await cost(call));
  const sorted = costs.toSorted((one, other) => one - other);
  const [least = Number.NaN, median = Number.NaN] = [sorted[0], sorted[Math.floor(rounds / 2)]];
  console.log(`${name.padEnd(44)} ${median.toFixed(2)} us (least ${least.toFixed(2)})`);
  if (name !== "1 budget" || least <= mostUs) continue;
  console.error(`${name} cost ${least.toFixed(2)} us, at most ${mostUs} us are allowed`);
  process.exitCode = 1;
}
store.close();
