import { setTimeout as delay } from "node:timers/promises";

/** Resolves when the condition holds; rejects with `what` when it does not within `withinMs` (default 10000). */
export async function waitUntil(condition: () => boolean | Promise<boolean>, what: string, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(2);
  }
}
