/**
 * The upstream service of every contestant, in its own process: small JSON, event streams, a sink for uploads. It checks what
 * reaches it, so that a contestant which loses bytes is found out. Beside it two services that fail, for the health case.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { chatRequest, longChatRequests, mebibyte, streams } from "./traffic.ts";

/** Where the services listen; sent to the parent process. */
export interface UpstreamPorts {
  readonly sound: number;
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

function answer(res: ServerResponse, status: number, body: string): void {
  res.writeHead(status, { ...json, "Content-Length": Buffer.byteLength(body) }).end(body);
}

function answerSound(req: IncomingMessage, res: ServerResponse): void {
  if (req.method === "GET") return answer(res, 200, '{"status":"healthy"}');
  let bytes = 0;
  req.on("data", (chunk: Buffer) => (bytes += chunk.length));
  req.on("end", () => {
    if (req.headers["content-type"]?.startsWith("multipart/form-data") === true) return answerUpload(res, bytes);
    if (req.headers.accept === "text/event-stream") return stream(res);
    answer(res, chatLengths.has(bytes) ? 200 : 400, reply);
  });
}

function answerUpload(res: ServerResponse, bytes: number): void {
  answer(res, bytes >= mebibyte ? 200 : 400, JSON.stringify({ status: "stored", bytes }));
}

function stream(res: ServerResponse): void {
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  res.write(event);
  let left = streams.eventsEach - 1;
  let ticker: NodeJS.Timeout | undefined;
  const hold = setTimeout(() => {
    ticker = setInterval(() => {
      res.write(event);
      left -= 1;
      if (left === 0) res.end();
    }, streams.everyMs);
  }, streams.holdMs);
  res.on("close", () => {
    clearTimeout(hold);
    clearInterval(ticker);
  });
}

/** Quick and slow by turns. */
let asked = 0;
function answerFlapping(_req: IncomingMessage, res: ServerResponse): void {
  asked += 1;
  setTimeout(() => answer(res, asked % 4 === 0 ? 500 : 200, '{"status":"healthy"}'), asked % 2 === 0 ? 0 : 300);
}

async function listen(listener: (req: IncomingMessage, res: ServerResponse) => void): Promise<number> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, resolve));
  return (server.address() as AddressInfo).port;
}

const ports: UpstreamPorts = {
  sound: await listen(answerSound),
  hanging: await listen(() => undefined),
  flapping: await listen(answerFlapping),
};
process.send?.(ports);
process.on("disconnect", () => process.exit(0));
