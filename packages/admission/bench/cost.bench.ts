/**
 * What the handler costs per request while slots are free, in CPU microseconds on requests and responses of `node:http`, release included.
 * Run: `node --conditions=@aivillage/source bench/cost.bench.ts`. Fails when two limits cost more than 3 us.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import type { Handler } from "@aivillage/middleware";

import { adaptive, admission } from "../src/index.ts";

const budgetUs = 3;
const rounds = 30;
const calls = 10_000;

const names = Array.from({ length: 1_000 }, (_, index) => `client ${index}`);
const socket = new Socket();
const key = (req: IncomingMessage): string | undefined => req.headers["x-client"]?.toString();
const judged = "2 limits, one of them per client";
const contestants: Record<string, Handler> = {
  "1 limit": admission({ limits: [{ name: "model", max: 100 }], share: key }),
  [judged]: admission({
    limits: [
      { name: "client", max: 4, key },
      { name: "model", max: 100 },
    ],
    share: key,
  }),
  "1 adaptive limit": admission({ limits: [{ name: "model", max: adaptive({ max: 100 }) }], share: key }),
};

let sent = 0;
const nothing: Handler = (_req, _res, next) => next();
const ignore = (): void => undefined;

/** CPU microseconds per request, which is made, handled, ended and dropped. */
function cost(handler: Handler): number {
  const start = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) {
    const req = new IncomingMessage(socket);
    sent = (sent + 1) % names.length;
    req.headers = { "x-client": names[sent] };
    const res = new ServerResponse(req);
    res.assignSocket(socket);
    handler(req, res, ignore);
    res.emit("finish");
    res.detachSocket(socket);
    res.emit("close");
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

const sorted = (handler: Handler): number[] => Array.from({ length: rounds }, () => cost(handler)).toSorted((one, other) => one - other);
const bare = sorted(nothing);
for (const [name, handler] of Object.entries(contestants)) {
  const costs = sorted(handler);
  // The least over all rounds is what the code costs undisturbed.
  const [least, median] = [0, rounds / 2].map((at) => (costs[at] ?? Number.NaN) - (bare[at] ?? Number.NaN));
  console.log(`${name.padEnd(36)} ${least?.toFixed(2)} us, median ${median?.toFixed(2)} us`);
  if (name === judged && !(Number(least) <= budgetUs)) {
    console.error(`${name} cost ${least?.toFixed(2)} us, the budget is ${budgetUs} us`);
    process.exitCode = 1;
  }
}
