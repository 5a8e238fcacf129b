import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import { listen, type RunningServer } from "./listen.ts";

/** What the downstream does with a request. All optional; the default is a 200 with a small JSON body. */
export interface Script {
  /** Default 200. */
  status?: number;
  headers?: Record<string, string | string[]>;
  /** A string is sent as it is, anything else as JSON. */
  body?: unknown;
  /** Waits before the head. */
  delayMs?: number;
  /** Never responds. */
  hang?: boolean;
  /** `before-head` resets the connection at once, `mid-body` after the first half of the body. */
  reset?: "before-head" | "mid-body";
  /** Server-sent events, `everyMs` apart (default 20). */
  sse?: { events: readonly string[]; everyMs?: number };
  /** Sends the body in this many chunks, `everyMs` apart. */
  slowBody?: { chunks: number; everyMs: number };
  /** Responds before the request body has been read, and does not read it. */
  ignoreBody?: boolean;
}

/** What the downstream got. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  /** What has arrived of the body so far. */
  body: Buffer;
  /** True when the whole request came. */
  complete: boolean;
  /** `performance.now()` when the client left before the response was complete. */
  clientLeftAt: number | undefined;
}

export interface Downstream extends RunningServer {
  readonly received: readonly ReceivedRequest[];
  /** Replaces the script for the requests to come; a function chooses by request. */
  script: Script | ((request: ReceivedRequest) => Script);
}

/** Starts a real HTTP server that does what its script says and records what it saw. */
export async function startDownstream(script: Downstream["script"] = {}): Promise<Downstream> {
  const received: ReceivedRequest[] = [];
  const running = await listen((req, res) => {
    const entry = record(req, res);
    received.push(entry);
    void play(typeof downstream.script === "function" ? downstream.script(entry) : downstream.script, req, res);
  });
  const downstream: Downstream = Object.assign(running, { received, script });
  return downstream;
}

function record(req: IncomingMessage, res: ServerResponse): ReceivedRequest {
  const { method = "", url = "", headers, rawHeaders } = req;
  const entry: ReceivedRequest = { method, url, headers, rawHeaders, body: Buffer.alloc(0), complete: false, clientLeftAt: undefined };
  req.on("error", () => undefined);
  res.on("close", () => {
    if (!res.writableFinished) entry.clientLeftAt = performance.now();
  });
  req.on("data", (chunk: Buffer) => {
    entry.body = Buffer.concat([entry.body, chunk]);
  });
  req.on("end", () => {
    entry.complete = req.complete;
  });
  return entry;
}

async function play(script: Script, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (script.reset === "before-head") return void res.socket?.resetAndDestroy();
  if (script.ignoreBody === true) req.pause();
  else await new Promise((resolve) => req.once("end", resolve).once("close", resolve));
  if (script.hang === true) return;
  if (script.delayMs !== undefined) await delay(script.delayMs);
  if (script.sse !== undefined) return playEvents(script.sse, res);
  await playBody(script, res);
}

async function playEvents({ events, everyMs = 20 }: NonNullable<Script["sse"]>, res: ServerResponse): Promise<void> {
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  for (const data of events) {
    if (res.destroyed) return;
    res.write(`data: ${data}\n\n`);
    await delay(everyMs);
  }
  res.end();
}

async function playBody(script: Script, res: ServerResponse): Promise<void> {
  const text = typeof script.body === "string" ? script.body : JSON.stringify(script.body ?? { ok: true });
  const body = Buffer.from(text);
  const type = typeof script.body === "string" ? "text/plain" : "application/json";
  res.writeHead(script.status ?? 200, { "Content-Type": type, "Content-Length": body.length, ...script.headers });
  if (script.reset === "mid-body") {
    res.write(body.subarray(0, Math.ceil(body.length / 2)), () => res.socket?.resetAndDestroy());
    return;
  }
  const chunks = script.slowBody?.chunks ?? 1;
  const size = Math.ceil(body.length / chunks);
  for (let start = 0; start < body.length && !res.destroyed; start += size) {
    res.write(body.subarray(start, start + size));
    if (script.slowBody !== undefined) await delay(script.slowBody.everyMs);
  }
  res.end();
}
