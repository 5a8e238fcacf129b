// A primary that calls its workers for the test that has forked it. A message to it is code words and a call; its reply says what came of it.
import cluster from "node:cluster";
import { createServer } from "node:http";

import { joinFleet, superviseWorkers, workerCallFailed, workerFleet } from "@aivillage/http-server";

/** What the test wants: of all workers, of one, or that the primary ends its fleet. */
export interface Wish {
  readonly id: number;
  readonly to: "all" | "one" | "close";
  readonly call: "pid" | "setGreeting" | "greeting" | "fail" | "hang" | "leave" | "nothing" | "missing";
  readonly args: readonly string[];
}

let greeting = "hello";

const calls = {
  pid: () => process.pid,
  greeting: async () => greeting,
  setGreeting: (next: string) => (greeting = next),
  fail: () => {
    throw new Error("it is broken");
  },
  hang: () => new Promise<void>(() => undefined),
  nothing: () => undefined,
  leave: () => leave(),
};

let leave = (): void => undefined;

if (cluster.isPrimary) {
  const fleet = workerFleet<typeof calls>({
    timeoutMs: 60_000,
    lasting: (call, [given]) => (call === "setGreeting" ? { name: "greeting", isInitial: given === "hello" } : undefined),
  });
  const impatient = workerFleet<typeof calls>({ timeoutMs: 1 });
  workerCallFailed.subscribe(({ worker, call, error }) => process.send?.({ failed: { worker, call, message: error.message } }));
  process.on("message", (wish: Wish) => {
    if (wish.to === "close") return fleet.close();
    const asked = wish.call === "hang" ? impatient : fleet;
    // What is not in `calls` is asked for too.
    const made = asked[wish.to] as (call: string, ...args: readonly string[]) => Promise<unknown>;
    return void made(wish.call, ...wish.args).then((came) => process.send?.({ id: wish.id, came }));
  });
  cluster.on("listening", (worker) => process.send?.({ listens: worker.process.pid }));
  process.exit(await superviseWorkers({ workers: 2 }));
}

leave = joinFleet(calls);
process.once("SIGTERM", () => process.exit());
createServer().listen(0, "127.0.0.1");
