/**
 * The cost of metering: a route with `aiCall()` and its filter against the same proxy without them, in two processes that are measured in
 * turns. Run: `node --conditions=@aivillage/source bench/ai-call.bench.ts`. Fails when metering costs more than 10 % of a call, or more than
 * 1 us of an event that comes by itself, beyond what the rounds differ.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, createServer, request, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { downstreamProxy } from "@aivillage/downstream-proxy";
import { compose, toListener } from "@aivillage/middleware";

import { aiCall, aiResponseFilter } from "../src/index.ts";

const { values, positionals } = parseArgs({ options: { rounds: { type: "string", default: "400" } }, allowPositionals: true });
const rounds = Number(values.rounds);
const clients = 32;
const tokens = 100;
/** What metering may cost: a share of a call, and microseconds of an event. */
const most = { callShare: 0.1, eventUs: 1 };

const text = "A gateway earns its trust when the provider behind it misbehaves and nobody notices. ".repeat(4);
const usage = { prompt_tokens: 70, completion_tokens: tokens, total_tokens: 70 + tokens };
const message = { role: "assistant", content: text };
const whole = JSON.stringify({ id: "c", model: "made-up", choices: [{ index: 0, message, finish_reason: "stop" }], usage });

/** The events of a stream as OpenAI sends it to those that ask for usage, with padding that differs from event to event. */
const events = [
  ...Array.from({ length: tokens }, (_, index) => chunk({ content: ` ${text.split(" ")[index % 12] ?? ""}` }, null, index)),
  chunk({}, "stop", 0) + eventOf({ choices: [], usage }) + "data: [DONE]\n\n",
];

function chunk(delta: object, finish: string | null, index: number): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return eventOf({ choices, usage: null, obfuscation: "abcdefghijk".slice(index % 11) });
}

function eventOf(members: object): string {
  const common = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_700_000_000, model: "made-up" };
  return `data: ${JSON.stringify({ ...common, ...members })}\n\n`;
}

/** What is asked for, by the path: `/hidden` is a stream whose usage the gateway asks for and hides. */
const members = {
  "/whole": {},
  "/stream": { stream: true, stream_options: { include_usage: true } },
  "/hidden": { stream: true },
};
type Path = keyof typeof members;
const paths = Object.keys(members) as Path[];

const contestants: Readonly<Record<string, (target: string) => RequestListener>> = {
  plain: (target) => toListener(downstreamProxy({ target })),
  metered: (target) =>
    toListener(compose(aiCall({ dialect: "openai-chat", watchResponse: false }), downstreamProxy({ target, filter: aiResponseFilter }))),
};

/** Sends the next event of a stream, by the number of its call. A client that has one asks for the next, so each comes by itself. */
const senders = new Map<string, () => void>();

const upstream = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
  req.resume().on("end", () => {
    if (req.url === "/whole") {
      return void res.writeHead(200, { "Content-Type": "application/json", "Content-Length": whole.length }).end(whole);
    }
    res.writeHead(200, { "Content-Type": "text/event-stream" });
    let next = 0;
    const send = (): void => void (next < events.length ? res.write(events[next++]) : res.end());
    senders.set(String(req.headers["x-call"]), send);
    send();
  });
});

interface Contestant {
  readonly process: ChildProcess;
  readonly port: number;
}

async function start(role: string, target: string): Promise<Contestant> {
  const child = fork(fileURLToPath(import.meta.url), [role, target]);
  const [port] = (await once(child, "message")) as [number];
  return { process: child, port };
}

async function cpuUs({ process: child }: Contestant): Promise<number> {
  child.send("cpu");
  const [used] = (await once(child, "message")) as [number];
  return used;
}

const agent = new Agent({ keepAlive: true });
let calls = 0;

function call({ port }: Contestant, path: Path): Promise<void> {
  const id = String((calls += 1));
  const body = JSON.stringify({ model: "made-up", messages: [{ role: "user", content: text }], ...members[path] });
  const headers = { "content-type": "application/json", "content-length": body.length, "x-call": id };
  return new Promise((resolve, reject) => {
    const onResponse = (response: NodeJS.EventEmitter): void => {
      response.on("data", () => senders.get(id)?.()).on("error", reject);
      response.on("end", () => resolve(void senders.delete(id)));
    };
    request({ port, host: "127.0.0.1", path, method: "POST", agent, headers }).on("response", onResponse).on("error", reject).end(body);
  });
}

/** Processor time of the contestant for one call, in microseconds. */
async function measure(contestant: Contestant, path: Path, count: number): Promise<number> {
  const before = await cpuUs(contestant);
  let left = count;
  const one = async (): Promise<void> => {
    while ((left -= 1) >= 0) await call(contestant, path);
  };
  await Promise.all(Array.from({ length: clients }, one));
  return ((await cpuUs(contestant)) - before) / count;
}

function quantile(list: readonly number[], share: number): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length * share)] ?? 0;
}

interface Middle {
  readonly median: number;
  /** How far it may be off, as the notches of a box plot show it. */
  readonly spread: number;
}

function middleOf(list: readonly number[]): Middle {
  return { median: quantile(list, 0.5), spread: (1.57 * (quantile(list, 0.75) - quantile(list, 0.25))) / Math.sqrt(list.length) };
}

/** Prints a figure and its limit, and fails if it is surely above. */
function judge(what: string, { median, spread }: Middle, limit: number, unit: string): void {
  const isMissed = median - spread > limit;
  console.log(`${what}: ${median.toFixed(2)} (+-${spread.toFixed(2)}) ${unit}, ${limit} at most${isMissed ? ": missed" : ""}`);
  if (isMissed) process.exitCode = 1;
}

async function compare(): Promise<void> {
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const target = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const [plain, metered] = [await start("plain", target), await start("metered", target)];
  const used = new Map(paths.map((path) => [path, { plain: [] as number[], more: [] as number[] }]));
  // The first rounds are for the compiler.
  for (let round = -2; round < rounds; round += 1) {
    for (const [path, { plain: base, more }] of used) {
      const count = path === "/whole" ? 320 : 32;
      const first = await measure(round % 2 === 0 ? plain : metered, path, count);
      const second = await measure(round % 2 === 0 ? metered : plain, path, count);
      const [without, withIt] = round % 2 === 0 ? [first, second] : [second, first];
      if (round < 0) continue;
      base.push(without);
      more.push(withIt - without);
    }
  }
  let callUs = 0;
  for (const [path, { plain: base, more }] of used) {
    const baseUs = quantile(base, 0.5);
    if (path === "/whole") {
      callUs = quantile(more, 0.5);
      const { median, spread } = middleOf(more);
      judge(
        `${path}, a call of ${baseUs.toFixed(0)} us`,
        { median: median / baseUs, spread: spread / baseUs },
        most.callShare,
        "of it more",
      );
    } else {
      const ofEvent = more.map((us) => (us - callUs) / events.length);
      judge(`${path}, an event of ${(baseUs / events.length).toFixed(1)} us`, middleOf(ofEvent), most.eventUs, "us more");
    }
  }
  for (const { process: child } of [plain, metered]) child.kill();
  agent.destroy();
  upstream.close();
  upstream.closeAllConnections();
}

const [role, target = ""] = positionals;
const makeListener = role === undefined ? undefined : contestants[role];
if (makeListener === undefined) await compare();
else {
  const server = createServer({ keepAliveTimeout: 60_000 }, makeListener(target));
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
}
