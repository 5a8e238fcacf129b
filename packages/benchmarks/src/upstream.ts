/**
 * The upstream service of every contestant, in its own process: small JSON, event streams, a sink for uploads. It checks what
 * reaches it, so that a contestant which loses bytes is found out. Beside it two services that fail, for the health case.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { callRequest, calls, chatRequest, longChatRequests, mebibyte, streams, type StreamShape } from "./traffic.ts";

/** Where the services listen; sent to the parent process. */
export interface UpstreamPorts {
  readonly healthy: number;
  readonly hanging: number;
  readonly flapping: number;
}

/** Every contestant must pass on a whole body: one of any other length has lost bytes. */
const chatLengths = new Set([chatRequest, ...Object.values(longChatRequests)].map(({ body = "" }) => body.length));

const json = { "Content-Type": "application/json" };
const reply = JSON.stringify({
  response: "The council agreed to build the footbridge. Work begins in spring.",
  session_id: "bench-session-0001",
  usage: { prompt_tokens: 31, completion_tokens: 14 },
});
const event = `data: ${JSON.stringify({ delta: "the river ran dry once", index: 7, session_id: "bench-session-0001" })}\n\n`;

/** The events of a call as a server of models sends them to a client that asks for usage. */
const events = callEvents();

function callEvents(): string[] {
  const common = { id: "chatcmpl-bench0001", object: "chat.completion.chunk", created: 1_700_000_000, model: "made-up" };
  const chunk = (delta: object, finish: string | null): object => ({
    ...common,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
  });
  const words = " the river ran dry once and nobody in the village knew why it did".split(/(?= )/);
  const tokens = calls.eventsEach - 4;
  const usage = { prompt_tokens: 96, completion_tokens: tokens, total_tokens: 96 + tokens };
  const documents = [
    chunk({ role: "assistant", content: "" }, null),
    ...Array.from({ length: tokens }, (_, index) => chunk({ content: words[index % words.length] }, null)),
    chunk({}, "stop"),
    { ...common, choices: [], usage },
  ];
  return [...documents.map((document) => `data: ${JSON.stringify(document)}\n\n`), "data: [DONE]\n\n"];
}

function respond(res: ServerResponse, status: number, body: string): void {
  res.writeHead(status, { ...json, "Content-Length": Buffer.byteLength(body) }).end(body);
}

function respondHealthy(req: IncomingMessage, res: ServerResponse): void {
  if (req.method === "GET") return respond(res, 200, '{"status":"healthy"}');
  let bytes = 0;
  req.on("data", (chunk: Buffer) => (bytes += chunk.length));
  req.on("end", () => {
    if (req.headers["content-type"]?.startsWith("multipart/form-data") === true) return respondToUpload(res, bytes);
    if (req.url === callRequest.path) return stream(res, calls, (index) => events[index] ?? "");
    if (req.headers.accept === "text/event-stream") return stream(res, streams, () => event);
    respond(res, chatLengths.has(bytes) ? 200 : 400, reply);
  });
}

function respondToUpload(res: ServerResponse, bytes: number): void {
  respond(res, bytes >= mebibyte ? 200 : 400, JSON.stringify({ status: "stored", bytes }));
}

function stream(res: ServerResponse, { eventsEach, holdMs, everyMs }: StreamShape, eventAt: (index: number) => string): void {
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  res.write(eventAt(0));
  let next = 1;
  let ticker: NodeJS.Timeout | undefined;
  const hold = setTimeout(() => {
    ticker = setInterval(() => {
      res.write(eventAt(next));
      next += 1;
      if (next === eventsEach) res.end();
    }, everyMs);
  }, holdMs);
  res.on("close", () => {
    clearTimeout(hold);
    clearInterval(ticker);
  });
}

/** Quick and slow by turns. */
let asked = 0;
function respondFlapping(_req: IncomingMessage, res: ServerResponse): void {
  asked += 1;
  setTimeout(() => respond(res, asked % 4 === 0 ? 500 : 200, '{"status":"healthy"}'), asked % 2 === 0 ? 0 : 300);
}

async function listen(listener: (req: IncomingMessage, res: ServerResponse) => void): Promise<number> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, resolve));
  return (server.address() as AddressInfo).port;
}

const ports: UpstreamPorts = {
  healthy: await listen(respondHealthy),
  hanging: await listen(() => undefined),
  flapping: await listen(respondFlapping),
};
process.send?.(ports);
process.on("disconnect", () => process.exit(0));
