/** Measures one contestant, named by the argument, on request. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import { type Limiter, priced } from "./contestants.ts";

const callsPerTurn = 10_000;

const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: "203.0.113.9" });
const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
const empty: Limiter = (_req, _res, next) => next();

/** CPU microseconds for each request, which is made, handled and dropped. */
async function cost(limiter: Limiter): Promise<number> {
  const start = process.cpuUsage();
  for (let call = 0; call < callsPerTurn; call += 1) {
    const [req, res] = newRequest(call);
    let isDone = false;
    let wake: (() => void) | undefined;
    limiter(req, res, () => {
      isDone = true;
      wake?.();
    });
    if (!isDone) await new Promise<void>((resolve) => (wake = resolve));
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / callsPerTurn;
}

/** A request of `node:http`, with what the peers need of Express, the same for all. */
function newRequest(call: number): [IncomingMessage, ServerResponse] {
  const req = Object.assign(new IncomingMessage(socket), { ip: "203.0.113.9" });
  req.headers = { "x-user": users[call % users.length] };
  const res = new ServerResponse(req);
  return [req, Object.assign(res, { append: (name: string, value: string) => res.appendHeader(name, value) })];
}

const made = priced[process.argv[2] ?? ""]?.();
process.on("message", () => {
  if (made !== undefined) void measure(made.limiter).then((us) => process.send?.(us));
});

async function measure(limiter: Limiter): Promise<number> {
  const nothing = await cost(empty);
  return (await cost(limiter)) - nothing;
}
