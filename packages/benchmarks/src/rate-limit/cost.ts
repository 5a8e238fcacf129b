import { once } from "node:events";
import { join } from "node:path";

import { start } from "../child.ts";
import { ratioOf, type Spread, spreadOf } from "../statistics.ts";
import { oursName, priced } from "./contestants.ts";

const warmUps = 3;

/** What one decision costs, headers included. */
export interface Cost {
  readonly name: string;
  /** CPU microseconds for each request. */
  readonly us: Spread;
  /** How many times that of ours, round by round. */
  readonly ratio: Spread;
}

/** Measures all contestants by turns, each in its own process, as in a server; minus the cost of making a request. */
export async function measureCosts(rounds: number): Promise<Cost[]> {
  const names = Object.keys(priced);
  const processes = new Map(names.map((name) => [name, startCounter(name)]));
  const costs = new Map<string, number[]>(names.map((name) => [name, []]));
  // The first rounds warm up.
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [name, counter] of inTurn([...processes], round + warmUps)) {
      const us = await counter.measure();
      if (round >= 0) costs.get(name)?.push(us);
    }
  }
  await Promise.all([...processes.values()].map(({ stop }) => stop()));
  const own = costs.get(oursName) ?? [];
  return [...costs].map(([name, list]) => ({ name, us: spreadOf(list), ratio: ratioOf(list, own) }));
}

interface Counter {
  readonly measure: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

function startCounter(name: string): Counter {
  const args = ["--conditions=@aivillage/source", join(import.meta.dirname, "cost-process.ts"), name];
  const child = start(process.execPath, args, {}, "ipc");
  const failed = child.ended.then((code): never => {
    throw new Error(`${name} ended with ${code}: ${child.complaints()}`);
  });
  failed.catch(() => undefined);
  return {
    async measure() {
      child.process.send("measure");
      const [us] = (await Promise.race([once(child.process, "message"), failed])) as [number];
      return us;
    },
    stop: () => child.stop(),
  };
}

/** Each round begins with another one. */
function inTurn<T>(list: readonly T[], round: number): T[] {
  const first = round % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}
