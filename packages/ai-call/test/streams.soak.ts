/**
 * 10,000 streams through `aiCall()` and the proxy, with clients that leave, read slowly or stall, and a backend that resets connections, breaks
 * off within events, repeats usage or sends events that are no JSON. Run: `node --conditions=@aivillage/source test/streams.soak.ts`.
 * Fails unless every call ends exactly once, its usage is within the bounds of the estimate, and handles and heap are flat.
 */
import assert from "node:assert/strict";
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { downstreamProxy } from "@aivillage/downstream-proxy";
import { compose, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { eventually, listen } from "@aivillage/testing";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

import { aiCall, type AiCallEnded, aiCallEnded, aiResponseFilter } from "../src/index.ts";

const { values } = parseArgs({ options: { streams: { type: "string", default: "10000" } } });
const total = Number(values.streams);
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A small generator of random numbers that can be repeated (Numerical Recipes). */
let seed = 7;
function random(limit: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * limit);
}

const words =
  "the gateway meters every answer of a model while it passes and charges what has come even if nobody waits for the end of it".split(" ");
const faults = ["none", "none", "no usage", "twice", "malformed", "half", "reset", "late", "error"] as const;
const clients = ["reads", "reads", "leaves", "slow", "leaves at once"] as const;

/** What the backend has sent for a call: its text and the usage that it has reported last. */
interface Sent {
  text: string;
  reported: number | undefined;
  isComplete: boolean;
  isPartlyLost: boolean;
}
const sent = new Map<string, Sent>();

const event = (members: object): string =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", ...members })}\n\n`;

async function backend(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const [id = "", fault = "none", count = "1"] = (req.headers["x-script"] as string).split(",");
  const record: Sent = { text: "", reported: undefined, isComplete: false, isPartlyLost: false };
  sent.set(id, record);
  req.resume();
  res.on("error", () => undefined).writeHead(200, { "Content-Type": "text/event-stream" });
  if (fault === "late") await delay(random(20));
  const end = Number(count);
  for (let index = 0; index < end && !res.destroyed; index += 1) {
    if (index === Math.floor(end / 2)) {
      if (fault === "malformed") res.write('data: {"choices":[{"delta":{"content": \n\n');
      if (fault === "half") return void res.write('data: {"choices":[{"delta":{"content":"no', () => res.destroy());
      if (fault === "reset") {
        // What the operating system has not sent yet is lost.
        record.isPartlyLost = true;
        return void res.socket?.resetAndDestroy();
      }
      if (fault === "error") return void res.end(event({ error: { message: "overloaded" } }));
    }
    const text = `${words[random(words.length)] ?? ""} `;
    record.text += text;
    if (!res.write(event({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })))
      await new Promise((resolve) => res.once("drain", resolve).once("close", resolve));
    if (index % 16 === 0) await delay(1);
  }
  res.write(event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
  for (const tokens of fault === "no usage" ? [] : fault === "twice" ? [end + 5, end] : [end]) {
    record.reported = tokens;
    res.write(event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: tokens } }));
  }
  record.isComplete = true;
  res.end("data: [DONE]\n\n");
}

await using models = await listen((req, res) => void backend(req, res));
const proxy = downstreamProxy({
  target: models.url,
  filter: aiResponseFilter,
  firstEventTimeoutMs: 30_000,
  retries: false,
  breaker: false,
  connections: 256,
});
await using app = await listen(toListener(compose(aiCall({ dialect: "openai-chat" }), proxy), problemDetails()));

const ended = new Map<string, AiCallEnded[]>();
let calls = 0;
let open = 0;
aiCallEnded.subscribe((message) => {
  const [id = ""] = (message.req.headers["x-script"] as string).split(",");
  const list = ended.get(id);
  if (list === undefined) ended.set(id, [message]);
  else list.push(message);
  calls += 1;
  if (calls % 500 === 0) console.error(`${calls} calls have ended, ${open} clients are connected`);
});

const body = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "Hi" }] });

/** Plays one client; resolves when its connection is closed. */
async function play(id: number): Promise<void> {
  const client = clients[random(clients.length)] ?? "reads";
  const script = `${id},${faults[random(faults.length)] ?? "none"},${1 + random(200)}`;
  const call = request(app.url, { method: "POST", agent: false, headers: { "x-script": script } });
  const closed = new Promise((resolve) => call.on("close", resolve));
  open += 1;
  call
    .on("error", () => undefined)
    .on("response", (response) => read(response, call, client))
    .end(body);
  if (client === "leaves at once") setTimeout(() => call.destroy(), random(10));
  await closed;
  open -= 1;
}

function read(response: IncomingMessage, call: ClientRequest, client: (typeof clients)[number]): void {
  const leaveAfter = random(20_000);
  let bytes = 0;
  response
    .on("error", () => undefined)
    .on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      // A client that has an error event does not wait for the cut.
      if ((client === "leaves" && bytes > leaveAfter) || chunk.includes('data: {"error"')) return void call.destroy();
      if (client !== "slow") return;
      response.pause();
      setTimeout(() => response.resume(), random(20));
    });
}

async function playAll(from: number, count: number): Promise<void> {
  let next = from;
  const one = async (): Promise<void> => {
    while (next < from + count) await play(next++);
  };
  await Promise.all(Array.from({ length: 64 }, one));
}

const handles = (): number => process.getActiveResourcesInfo().filter((name) => /TCP|Connect|Timeout/.test(name)).length;
const settled = async (): Promise<{ handles: number; heapMiB: number }> => {
  await eventually(() => proxy.state()[0]?.replicas[0]?.requests === 0, "all streams are over");
  // Idle connections to the backend are closed after 1.5 s.
  await delay(6_500);
  collectGarbage();
  return { handles: handles(), heapMiB: Math.round(process.memoryUsage().heapUsed / 104_857.6) / 10 };
};

/** The upper bound is judged over all: a single estimate of a few words is rounded up. */
interface Sums {
  estimated: number;
  true: number;
}

function check(sums: Sums): Record<string, number> {
  const outcomes: Record<string, number> = {};
  for (const [id, messages] of ended) {
    assert.equal(messages.length, 1, `call ${id} ended ${messages.length} times`);
    const [message] = messages;
    if (message === undefined) continue;
    const key = `${message.outcome}, ${message.usage.source}`;
    outcomes[key] = (outcomes[key] ?? 0) + 1;
    const record = sent.get(id);
    const { source, output } = message.usage;
    if (source === "reported")
      assert.deepEqual([record?.isComplete, output], [true, record?.reported], `call ${id} is not what was reported`);
    else if (record !== undefined) {
      const most = countTokens(record.text);
      // A client that leaves before anything comes is charged what a model may have written meanwhile.
      const written = message.outcome === "client-left" ? Math.ceil(message.durationMs / 10) : 0;
      // What was sent may not have come when a client leaves.
      assert.ok(output <= Math.max(most * 1.35 + 2, written), `call ${id}: ${output} of ${most}: ${record.text}`);
      if (message.outcome === "client-left" || record.isPartlyLost) continue;
      assert.ok(output >= most, `call ${id}: ${output} of ${most}: ${record.text}`);
      sums.estimated += output;
      sums.true += most;
    }
  }
  ended.clear();
  sent.clear();
  return outcomes;
}

const sums: Sums = { estimated: 0, true: 0 };
await playAll(0, 500);
await settled();
check(sums);
const before = await settled();
const started = calls;
const startedAt = performance.now();
await playAll(1_000_000, total);
await eventually(() => proxy.state()[0]?.replicas[0]?.requests === 0, "all streams are over");
const seconds = (performance.now() - startedAt) / 1_000;
await eventually(() => ended.size > 0 && calls - started === ended.size, "all calls have ended");
console.log(`${calls - started} calls of ${total} clients ended once each in ${seconds.toFixed(0)} s:`, check(sums));
const after = await settled();
console.log(`estimate of ${sums.true} tokens that nobody reported: ${(sums.estimated / sums.true).toFixed(3)} of the true count`);
console.log(`handles ${before.handles} -> ${after.handles}, heap ${before.heapMiB} -> ${after.heapMiB} MiB`);
assert.ok(sums.estimated >= sums.true && sums.estimated <= sums.true * 1.35, "the estimate is out of its bounds");
assert.ok(after.handles <= before.handles, "handles have leaked");
assert.ok(after.heapMiB < before.heapMiB + 4, "the heap has grown");
await proxy.close({ deadlineMs: 0 });
