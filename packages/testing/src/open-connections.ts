import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const established = "01";

/** How many connections a server on this port has, as the kernel reports it: a client that does not read does not notice a close. Linux only. */
export function openConnections(port: number): number {
  const local = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = "", , state]) => address.endsWith(`:${local}`) && state === established).length;
}

/** How many connections there were at most, and how long it took until no more than `rest` were left, or `limitMs` was over. */
export async function untilClosed(port: number, rest: number, limitMs: number): Promise<{ most: number; tookMs: number }> {
  const startedAt = performance.now();
  let most = 0;
  let tookMs = 0;
  do {
    await delay(200);
    const open = openConnections(port);
    most = Math.max(most, open - rest);
    tookMs = performance.now() - startedAt;
    if (most > 0 && open <= rest) break;
  } while (tookMs < limitMs);
  return { most, tookMs };
}
