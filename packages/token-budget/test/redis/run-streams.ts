import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { eventually, startRedis } from "@aivillage/testing";
import { Redis } from "ioredis";

import { RedisStore } from "../../src/index.ts";
import { account } from "../stores/account.ts";

const limit = 3_000;
const leaseMs = 1_000;

interface Plan {
  readonly processes: number;
  /** Streams of each process. */
  readonly streams: number;
  /** How often a process is killed in the middle and replaced. */
  readonly kills: number;
}

/** What a stream has used at least and at most, as far as its process could say. */
interface Range {
  least: number;
  most: number;
}

export interface Outcome {
  readonly streams: number;
  readonly refused: number;
  readonly spent: number;
  readonly looks: number;
}

/**
 * Runs streams of several processes on one Redis and kills some of the processes. At no look is more spent and held than the limit; in the end
 * nothing is held, and what is spent is what the streams have used.
 */
export async function runStreams({ processes, streams, kills }: Plan): Promise<Outcome> {
  await using redis = await startRedis();
  const client = new Redis(redis.port);
  const store = new RedisStore({ client, deadlineMs: 10_000 });
  const used = new Map<string, Range>();
  let refused = 0;
  const onMessage = ([what, call, amount]: [string, string, number]): void => {
    const range = used.get(call) ?? { least: 0, most: 0 };
    used.set(call, range);
    if (what === "refused") {
      refused += 1;
      used.set(call, { least: 0, most: 0 });
    } else if (what === "asks") range.most = Math.max(range.most, amount);
    else if (what === "used") range.least = amount;
    // It was about to be settled: its charge is what it had reported, or this.
    else if (what === "settles") range.least = Math.min(range.least, amount);
    else [range.least, range.most] = [amount, amount];
  };
  const start = (): ChildProcess => {
    const args = [String(redis.port), String(streams), String(leaseMs)];
    const child = fork(join(import.meta.dirname, "streams.process.ts"), args, { execArgv: ["--conditions=@aivillage/source"] });
    return child.on("message", onMessage);
  };
  const children = Array.from({ length: processes }, start);
  const looks = lookUntil(store, async () => {
    for (let killed = 0; killed < kills; killed += 1) {
      const victim = children[killed % processes];
      if (victim === undefined) break;
      await Promise.race([once(victim, "message"), untilExit(victim)]);
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 400));
      victim.kill("SIGKILL");
      await untilExit(victim);
      children[killed % processes] = start();
    }
    await Promise.all(children.map(untilExit));
  });
  try {
    const count = await looks;
    const standings = await eventually(async () => {
      const found = await store.list();
      return found.every(({ held }) => held === 0) ? found : undefined;
    }, "nothing is held after the leases");
    const [least, most] = [sum(used, "least"), sum(used, "most")];
    for (const { budget, spent } of standings ?? []) {
      assert.ok(spent >= least && spent <= most, `${budget}: ${spent} spent, streams have used ${least} to ${most}`);
    }
    return { streams: used.size, refused, spent: standings?.[0]?.spent ?? 0, looks: count };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    store.close();
    client.disconnect();
  }
}

async function untilExit(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Looks at the accounts all the time until something is done, and returns how often. */
async function lookUntil(store: RedisStore, body: () => Promise<void>): Promise<number> {
  const state = { isDone: false };
  const done = body().finally(() => (state.isDone = true));
  let looks = 0;
  while (!state.isDone) {
    looks += 1;
    for (const { spent, held, budget } of await store.read([account("tokens", "ann"), account("money", "tenant")])) {
      assert.ok(spent + held <= limit, `${budget}: ${spent} spent and ${held} held of ${limit}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  await done;
  return looks;
}

function sum(used: ReadonlyMap<string, Range>, name: keyof Range): number {
  return [...used.values()].reduce((total, range) => total + range[name], 0);
}
