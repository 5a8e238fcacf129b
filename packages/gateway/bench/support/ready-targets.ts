import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Asks `/readyz` of each gateway all the time, as a load balancer does, and gives those that are ready in turn. */
export function readyTargets(origins: readonly string[], everyMs = 100): { next(): string; stop(): void } {
  const ready = new Set(origins);
  let turn = 0;
  const stop = new AbortController();

  async function watch(origin: string): Promise<void> {
    while (!stop.signal.aborted) {
      if (await isReady(origin)) ready.add(origin);
      else ready.delete(origin);
      await delay(everyMs);
    }
  }
  for (const origin of origins) void watch(origin);
  return {
    next: () => {
      turn += 1;
      return [...ready][turn % ready.size] ?? origins[0] ?? "";
    },
    stop: () => stop.abort(),
  };
}

function isReady(origin: string): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(`${origin}/readyz`, { agent: false, timeout: 1_000 }, (res) => {
      res.resume();
      resolve(res.statusCode === 200);
    });
    sent.on("timeout", () => sent.destroy()).on("error", () => resolve(false));
    sent.end();
  });
}
