import type { IncomingMessage, ServerResponse } from "node:http";

import { listen, type RunningServer } from "@aivillage/testing";

/** Time between two events of a stream. */
export const everyMs = 100;
const reply = '{"response":"The council agreed to build the footbridge."}';
const large = "x".repeat(16 * 1_048_576);

/**
 * A service behind the gateway. It answers in JSON, but asked for a stream with so many events as the message says; the last one is
 * `done`. The message `large` gets 16 MiB.
 */
export function startService(): Promise<RunningServer> {
  return listen((req, res) => {
    let text = "";
    req.on("data", (chunk: Buffer) => (text += chunk.toString()));
    req.on("end", () => respond(req, res, text));
  });
}

function respond(req: IncomingMessage, res: ServerResponse, text: string): void {
  const { message = "", stream = false } = (text.startsWith("{") ? JSON.parse(text) : {}) as { message?: string; stream?: boolean };
  if (stream) return sendEvents(res, Number(message));
  if (message === "large") return void res.writeHead(200, { "Content-Type": "text/plain" }).end(large);
  setTimeout(() => res.writeHead(200, { "Content-Type": "application/json" }).end(reply), req.method === "POST" ? 5 : 0);
}

function sendEvents(res: ServerResponse, count: number): void {
  res.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
  let left = count;
  const timer = setInterval(() => {
    left -= 1;
    res.write(`data: ${left > 0 ? "more" : "done"}\n\n`);
    if (left > 0) return;
    clearInterval(timer);
    res.end();
  }, everyMs);
  res.on("close", () => clearInterval(timer));
}
