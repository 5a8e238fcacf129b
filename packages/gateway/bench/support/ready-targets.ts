import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks `/readyz` of each gateway all the time, as a load balancer does, and gives those that are ready in turn. An answer that does not
 * come says nothing: on a busy machine no target may be lost that serves.
 */
export function readyTargets(origins: readonly string[], everyMs = 100): { next(): string; stop(): void } {
  const ready = new Set(origins);
  let turn = 0;
  const stop = new AbortController();

  async function watch(origin: string): Promise<void> {
    while (!stop.signal.aborted) {
      const status = await statusOf(origin);
      if (status === 200) ready.add(origin);
      else if (status !== undefined) ready.delete(origin);
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

/** The status of its `/readyz`, 0 when nobody listens. */
function statusOf(origin: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = request(`${origin}/readyz`, { agent: false, timeout: 1_000 }, (res) => {
      res.resume();
      resolve(res.statusCode);
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED" ? 0 : undefined));
    sent.end();
  });
}
