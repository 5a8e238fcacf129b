/**
 * What the handler costs per request on the memory store, in CPU microseconds on real requests and responses of `node:http`.
 * Run: `node --conditions=@aivillage/source bench/cost.bench.ts`. Fails when three policies with all headers cost more than 2 us on the
 * response class that the gateway serves with; beside it the same on Node's own, whose setHeader() alone takes 0.8 us of it.
 */
import { execFileSync } from "node:child_process";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import type { Handler } from "@aivillage/middleware";

// Not a dependency of the package, which runs on any response class.
import { LeanResponse } from "../../http-server/src/index.ts";
import { MemoryStore, rateLimit, rateLimitDecided } from "../src/index.ts";

const onLean = ", on LeanResponse";
const [name] = process.argv.slice(2);
const judged = `3 policies, all headers${onLean}`;
const subscribed = ", with a listener";
const budgetUs = 2;
const rounds = 25;
const calls = 10_000;

/** A thousand clients, each with an address and a name of its own; none comes near its limit. */
const clients = Array.from({ length: 1_000 }, (_, index) => ({
  "x-client": `203.0.${index >> 8}.${index & 255}`,
  "x-user": `user-${index}`,
}));
const socket = new Socket();
const clientIp = (req: IncomingMessage): string | undefined => req.headers["x-client"]?.toString();
const userOf = (req: IncomingMessage): string | undefined => req.headers["x-user"]?.toString();

const store = new MemoryStore();
const one = { limit: 1_000, windowMs: 60_000 };
const three = [
  { name: "ip", ...one },
  { name: "user", ...one, key: userOf },
  { name: "day", limit: one.limit, windowMs: 86_400_000, key: userOf },
];
const contestants: Record<string, Handler> = {
  "1 policy, no headers": rateLimit({ ...one, store, clientIp, headers: false }),
  "1 policy, all headers": rateLimit({ ...one, store, clientIp }),
  "3 policies, no headers": rateLimit({ policies: three, store, clientIp, headers: false }),
  "3 policies, all headers": rateLimit({ policies: three, store, clientIp }),
  [judged]: rateLimit({ policies: three, store, clientIp }),
  "3 policies, all headers, penalties": rateLimit({ policies: three, store, clientIp, penalty: {} }),
  [`3 policies, all headers, penalties${subscribed}`]: rateLimit({ policies: three, store, clientIp, penalty: {} }),
  "5 constant setHeader calls": (_req, res, next) => {
    res.setHeader("X-RateLimit-Limit", "1000");
    res.setHeader("X-RateLimit-Remaining", "750");
    res.setHeader("X-RateLimit-Reset", "60");
    res.setHeader("RateLimit-Policy", '"ip";q=1000;w=60, "user";q=1000;w=60, "day";q=1000;w=86400');
    res.setHeader("RateLimit", '"ip";r=750;t=60');
    next();
  },
};

let sent = 0;
function newRequest(): [IncomingMessage, ServerResponse] {
  sent = (sent + 1) % clients.length;
  const req = new IncomingMessage(socket);
  req.headers = clients[sent] ?? {};
  return [req, name?.endsWith(onLean) === true ? new LeanResponse(req) : new ServerResponse(req)];
}

const ignore = (): void => undefined;

/** CPU microseconds per request, which is made, handled and dropped. */
function cost(handler: Handler): number {
  const start = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) {
    const [req, res] = newRequest();
    handler(req, res, ignore);
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

/** The least over all rounds, which is what the code costs undisturbed, without what an empty handler costs. */
function measure(handler: Handler): number {
  const costs = Array.from({ length: rounds }, () => [cost(nothing), cost(handler)] as const);
  return Math.min(...costs.map(([, of]) => of)) - Math.min(...costs.map(([of]) => of));
}

const nothing: Handler = (_req, _res, next) => next();

/** Each handler in a process of its own, as in a server, three times; other load on the machine only adds. */
function inOwnProcess(contestant: string): number[] {
  const args = ["--conditions=@aivillage/source", import.meta.filename, contestant];
  return [1, 2, 3].map(() => Number(execFileSync(process.execPath, args, { encoding: "utf8" })));
}

function main(): void {
  for (const each of Object.keys(contestants)) {
    const costs = inOwnProcess(each).toSorted((first, second) => first - second);
    const [least = Number.NaN, median = Number.NaN, most = Number.NaN] = costs;
    console.log(`${each.padEnd(50)} ${median.toFixed(2)} us   (${least.toFixed(2)} to ${most.toFixed(2)})`);
    if (each !== judged || least <= budgetUs) continue;
    console.error(`${each} cost ${least.toFixed(2)} us, the budget is ${budgetUs} us`);
    process.exitCode = 1;
  }
}

const handler = contestants[name ?? ""];
if (name?.endsWith(subscribed) === true) rateLimitDecided.subscribe(ignore);
if (handler === undefined) main();
else console.log(measure(handler));
store.close();
