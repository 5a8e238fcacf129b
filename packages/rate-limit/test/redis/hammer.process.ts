/** A process that sends bursts of random cost to a Redis for some time, and says what was accepted and when, by the clock of Redis. */
import { once } from "node:events";

import { Redis } from "ioredis";

import { type Charge, RedisStore } from "../../src/index.ts";

const [port = "", durationMs = "", seed = ""] = process.argv.slice(2);
const client = new Redis(Number(port));
client.on("error", () => undefined);
const store = new RedisStore({ client, deadlineMs: 10_000, outage: "closed" });
const policies = [
  { policy: "second", windowMs: 500, limit: 40 },
  { policy: "long", windowMs: 1_700, limit: 90 },
];
const accepted: [atMs: number, key: string, cost: number][] = [];
/** The policies whose limit was seen used up: a slow machine takes longer for that. */
const filled = new Set<number>();
let random = Number(seed);
const draw = (below: number): number => (random = (random * 48_271) % 2_147_483_647) % below;

async function ask(): Promise<void> {
  const [key, cost] = [`client-${draw(3)}`, 1 + draw(3)];
  const charges: Charge[] = policies.map((policy) => ({ ...policy, key, cost }));
  const { allowed, atMs, verdicts } = await store.decide(charges);
  for (const [index, { exceeded }] of verdicts.entries()) if (exceeded) filled.add(index);
  if (allowed) accepted.push([atMs, key, cost]);
}

await store.ready();
process.send?.("ready");
await once(process, "message");
const start = performance.now();
const isOver = (): boolean => {
  const passedMs = performance.now() - start;
  return passedMs > Number(durationMs) && (filled.size === policies.length || passedMs > 60_000);
};
while (!isOver()) {
  await Promise.all(Array.from({ length: 1 + draw(30) }, ask));
  await new Promise((resolve) => setTimeout(resolve, draw(15)));
}
store.close();
client.disconnect();
process.send?.({ accepted, policies }, () => process.disconnect());
