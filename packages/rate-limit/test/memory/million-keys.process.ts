/** Holds a million addresses at once and says what they cost. */
import { MemoryStore } from "../../src/index.ts";

const keys = 1_000_000;
const store = new MemoryStore({ maxKeys: keys, now: () => 0 });
const rssBefore = process.memoryUsage.rss();
for (let number = 0; number < keys; number += 1) {
  const key = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
  store.decide([{ policy: "ip", key, limit: 100, windowMs: 60_000, cost: 1 }]);
}
process.send?.({ held: store.size, rssMib: (process.memoryUsage.rss() - rssBefore) / 2 ** 20 });
store.close();
