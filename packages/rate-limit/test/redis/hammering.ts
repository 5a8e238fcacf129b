import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { startRedis } from "@aivillage/testing";

interface Report {
  accepted: [atMs: number, key: string, cost: number][];
  policies: { policy: string; windowMs: number; limit: number }[];
}

/** Four processes use up limits in one Redis; no trailing window of any client may hold more than a limit, and each must fill up. */
export async function hammer(durationMs: number): Promise<{ accepted: number; fullest: number[] }> {
  await using redis = await startRedis();
  const children = await Promise.all([1, 2, 3, 4].map((seed) => startOne(redis.port, durationMs, seed * 7_919)));
  const reports = await Promise.all(children.map(runOne));
  const { policies = [] } = reports[0] ?? {};
  const accepted = reports.flatMap((report) => report.accepted).toSorted(([one], [other]) => one - other);
  const fullest = policies.map(({ windowMs, limit }) => {
    const most = Math.max(...["client-0", "client-1", "client-2"].map((key) => fullestWindow(accepted, key, windowMs)));
    assert.ok(most <= limit, `${most} of ${limit} in ${windowMs} ms`);
    assert.ok(most > limit * 0.9, `only ${most} of ${limit}: nothing was put to the test`);
    return most;
  });
  return { accepted: accepted.length, fullest };
}

async function startOne(port: number, durationMs: number, seed: number): Promise<ChildProcess> {
  const args = [String(port), String(durationMs), String(seed)];
  const child = fork(join(import.meta.dirname, "hammer.process.ts"), args, { execArgv: ["--conditions=@aivillage/source"] });
  await once(child, "message");
  return child;
}

/** Lets it begin once all are ready, so that they hammer together on a slow machine too. */
function runOne(child: ChildProcess): Promise<Report> {
  child.send("begin");
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Report));
    child.once("exit", (code) => reject(new Error(`a process ended with ${code} before it had told anything`)));
  });
}

/** The largest cost of a client in any window that reaches back from an accepted request, both ends included. */
export function fullestWindow(accepted: Report["accepted"], key: string, windowMs: number): number {
  const own = accepted.filter(([, of]) => of === key);
  let [sum, most, first] = [0, 0, 0];
  for (const [atMs, , cost] of own) {
    sum += cost;
    for (let oldest = own[first]; oldest !== undefined && oldest[0] < atMs - windowMs; oldest = own[first]) {
      sum -= oldest[2];
      first += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}
