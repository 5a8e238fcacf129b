/** A process that keeps calling a backend, each call in a slot, until it is ended. */
import { createClient } from "redis";

import { type Entrant, RedisStore } from "../../src/index.ts";

const { REDIS_PORT: port, BACKEND: backend = "", MAX: max = "1" } = process.env;
const client = createClient({ socket: { host: "127.0.0.1", port: Number(port) } });
client.on("error", () => undefined);
await client.connect();
// Long, for a busy machine: a process that stands for longer than its lease loses its slots, as one that is dead, and one that decides
// without Redis exceeds them.
const store = new RedisStore({ client, leaseMs: 15_000, pollMs: 50, deadlineMs: 10_000, outage: "closed" });
const queue = { name: "q", max: 100, maxPerShare: 100, maxWaitMs: 600_000, agingMs: 1_000 };
const demands = [
  { limit: "own", key: `process ${process.pid}`, max: 3 },
  { limit: "model", key: "", max: Number(max) },
];

function come(): void {
  const entrant: Entrant = {
    admitted: () => void call().then(leave).then(come),
    refused: (refusal) => {
      if (refusal.reason !== "unavailable") throw new Error(JSON.stringify(refusal));
      setTimeout(come, refusal.retryAfterMs);
    },
  };
  const leave = store.enter({ demands, share: "a", weight: 1, cost: 1, priority: 0, queue }, entrant);
}

async function call(): Promise<void> {
  await fetch(backend, { headers: { "X-Process": String(process.pid) } }).then((response) => response.text());
}

for (let each = 0; each < 8; each += 1) come();
