/**
 * The cost of metering: a route with `aiCall()` and its filter against the same proxy without them, in two processes that are measured in
 * turns. Run: `node --conditions=@aivillage/source bench/ai-call.bench.ts`. Fails when a call costs more than 10 % of processor time more, or
 * an event of a stream more than 1 us more.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { downstreamProxy } from "@aivillage/downstream-proxy";
import { compose, toListener } from "@aivillage/middleware";

import { aiCall, aiResponseFilter } from "../src/index.ts";

const { values, positionals } = parseArgs({ options: { rounds: { type: "string", default: "8" } }, allowPositionals: true });
const rounds = Number(values.rounds);
const clients = 16;
const events = 400;
const most = { share: 0.1, eventUs: 1 };

const text = "A gateway earns its trust when the provider behind it misbehaves and nobody notices. ".repeat(4);
const question = { model: "made-up", messages: [{ role: "user", content: text }] };
const usage = { prompt_tokens: 70, completion_tokens: 70, total_tokens: 140 };
const whole = JSON.stringify({
  id: "c",
  model: "made-up",
  choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
  usage,
});
const event = (members: object): string =>
  `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_700_000_000, model: "made-up", ...members })}\n\n`;

/** Streams of many events per chunk, so that the events cost more than the chunks that both routes pass. */
function stream(): string[] {
  const deltas = Array.from({ length: events }, (_, index) =>
    event({ choices: [{ index: 0, delta: { content: ` ${text.split(" ")[index % 12] ?? ""}` }, finish_reason: null }] }),
  );
  const chunks: string[] = [];
  for (let at = 0; at < events; at += 20) chunks.push(deltas.slice(at, at + 20).join(""));
  return [
    ...chunks,
    event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
    event({ choices: [], usage }),
    "data: [DONE]\n\n",
  ];
}

const chunks = stream();

const listeners: Readonly<Record<string, (target: string) => RequestListener>> = {
  upstream: () => (req, res) => {
    req.resume().on("end", () => {
      if (req.url === "/whole")
        return void res.writeHead(200, { "Content-Type": "application/json", "Content-Length": whole.length }).end(whole);
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      for (const chunk of chunks) res.write(chunk);
      res.end();
    });
  },
  plain: (target) => toListener(downstreamProxy({ target })),
  metered: (target) => toListener(compose(aiCall({ dialect: "openai-chat" }), downstreamProxy({ target, filter: aiResponseFilter }))),
};

interface Contestant {
  readonly process: ChildProcess;
  readonly url: string;
}

async function start(role: string, target = ""): Promise<Contestant> {
  const child = fork(fileURLToPath(import.meta.url), [role, target]);
  const [port] = (await once(child, "message")) as [number];
  return { process: child, url: `http://127.0.0.1:${port}` };
}

async function cpuUs({ process: child }: Contestant): Promise<number> {
  child.send("cpu");
  const [used] = (await once(child, "message")) as [number];
  return used;
}

/** What is asked for, by the path: `/hidden` is a stream whose usage the gateway asks for and hides. */
const members = {
  "/whole": {},
  "/stream": { stream: true, stream_options: { include_usage: true } },
  "/hidden": { stream: true },
};
type Path = keyof typeof members;

/** Processor time of the contestant for one call, in microseconds. */
async function measure(contestant: Contestant, path: Path, count: number): Promise<number> {
  const body = JSON.stringify({ ...question, ...members[path] });
  const headers = { "content-type": "application/json" };
  const before = await cpuUs(contestant);
  let left = count;
  const one = async (): Promise<void> => {
    while ((left -= 1) >= 0) {
      const response = await fetch(contestant.url + path, { method: "POST", headers, body });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`status ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  return ((await cpuUs(contestant)) - before) / count;
}

async function compare(): Promise<void> {
  const upstream = await start("upstream");
  const contestants = { plain: await start("plain", upstream.url), metered: await start("metered", upstream.url) };
  const none = (): Record<"plain" | "metered", number> => ({ plain: Infinity, metered: Infinity });
  const best: Readonly<Record<Path, Record<"plain" | "metered", number>>> = { "/whole": none(), "/stream": none(), "/hidden": none() };
  for (let round = 0; round <= rounds; round += 1) {
    for (const [path, count] of [
      ["/whole", 600],
      ["/stream", 40],
      ["/hidden", 40],
    ] as const) {
      for (const name of round % 2 === 0 ? (["plain", "metered"] as const) : (["metered", "plain"] as const)) {
        const used = await measure(contestants[name], path, count);
        // The first rounds are for the compiler.
        if (round > 1) best[path][name] = Math.min(best[path][name], used);
        console.log(`${round} ${path.padEnd(8)} ${name.padEnd(8)} ${used.toFixed(1)} us`);
      }
    }
  }
  const calls = best["/whole"];
  const share = calls.metered / calls.plain - 1;
  console.log(`a call      plain ${calls.plain.toFixed(1)} us, metered ${calls.metered.toFixed(1)} us: ${(share * 100).toFixed(1)} % more`);
  if (share > most.share) process.exitCode = 1;
  for (const path of ["/stream", "/hidden"] as const) {
    const { plain, metered } = best[path];
    const eventUs = (metered - plain - (calls.metered - calls.plain)) / events;
    const figures = `plain ${plain.toFixed(0)} us, metered ${metered.toFixed(0)} us: ${eventUs.toFixed(2)} us more an event`;
    console.log(`${path.padEnd(8)} of ${events} events  ${figures}, ${((metered / plain - 1) * 100).toFixed(1)} % more a stream`);
    if (eventUs > most.eventUs) process.exitCode = 1;
  }
  for (const { process: child } of [upstream, ...Object.values(contestants)]) child.kill();
}

const [role, target = ""] = positionals;
const makeListener = role === undefined ? undefined : listeners[role];
if (makeListener === undefined) await compare();
else {
  const server = createServer(makeListener(target));
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
}
