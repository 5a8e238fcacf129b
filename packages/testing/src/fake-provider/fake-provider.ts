import { type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { listen, type RunningServer } from "../listen.ts";
import { anthropicError } from "./anthropic-wire.ts";
import type { WireCapture } from "./capture.ts";
import { wireCaptures } from "./captures.ts";
import { echo } from "./echo.ts";
import { countTokens } from "./tokens.ts";
import type { Step } from "./wire.ts";

/** A call that the provider has received. */
export interface ProviderCall {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
}

export interface FakeProvider extends RunningServer {
  readonly calls: readonly ProviderCall[];
}

interface ProviderOptions {
  /** The key that it demands, as a Bearer token or in `x-api-key` or `api-key`. Default: none. */
  readonly key?: string;
  /** Responses by the name of the model, before the captures. */
  readonly captures?: readonly WireCapture[];
}

const isAnthropic = (url: string): boolean => url.includes("/messages");

/**
 * Starts a server of models: chat completions, responses, embeddings and Anthropic's messages. A model that has the name of a capture responds
 * like it; any other repeats what the user has said, one token at a time, and reports the true number of tokens.
 */
export async function startFakeProvider({ key, captures = [] }: ProviderOptions = {}): Promise<FakeProvider> {
  const known = new Map([...wireCaptures, ...captures].map((capture) => [capture.name, capture]));
  const calls: ProviderCall[] = [];
  let count = 0;

  async function respond(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { url = "", headers } = req;
    const given = await text(req).catch(() => "");
    count += 1;
    res.setHeader(isAnthropic(url) ? "request-id" : "x-request-id", `req_provider_${count}`);
    const body = (given === "" ? {} : JSON.parse(given)) as Record<string, unknown>;
    calls.push({ url, headers, body });
    if (key !== undefined && !keysOf(headers).includes(key)) return sendJson(res, 401, unauthorized(url));
    if (url.includes("/count_tokens")) return sendJson(res, 200, { input_tokens: countTokens(given) });
    if (req.method === "GET") return sendJson(res, 200, modelsAt(url));
    const call = { url, body };
    await play(known.get(String(body["model"])) ?? echo(call), call, res);
  }

  const running = await listen((req, res) => void respond(req, res));
  return Object.assign(running, { calls });
}

function keysOf(headers: IncomingMessage["headers"]): unknown[] {
  return [headers.authorization?.replace(/^Bearer /, ""), headers["x-api-key"], headers["api-key"]];
}

function unauthorized(url: string): object {
  if (isAnthropic(url)) return anthropicError("authentication_error", "invalid x-api-key");
  return { error: { message: "Incorrect API key provided.", type: "invalid_request_error", param: null, code: "invalid_api_key" } };
}

function modelsAt(url: string): object {
  const [, id] = /\/models\/([^?]+)/.exec(url) ?? [];
  const model = (name: string): object => ({ id: decodeURIComponent(name), object: "model", created: 1_700_000_000, owned_by: "nobody" });
  return id === undefined ? { object: "list", data: [model("made-up-1")] } : model(id);
}

function sendJson(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { "Content-Type": "application/json" });
  res.end(JSON.stringify(body));
}

async function play(capture: WireCapture, { body }: { body: Readonly<Record<string, unknown>> }, res: ServerResponse): Promise<void> {
  const { status = 200, headers = {}, type = "text/event-stream", isCompressed = false, isCloseDelimited = false } = capture;
  const options = body["stream_options"] as { include_usage?: boolean } | undefined;
  const steps = capture.steps(options?.include_usage === true);
  if (isCloseDelimited) {
    res.useChunkedEncodingByDefault = false;
    res.setHeader("Connection", "close");
  }
  res.writeHead(status, { "Content-Type": type, ...headers, ...(isCompressed && { "Content-Encoding": "gzip" }) });
  if (!isCompressed) return playSteps(steps, res);
  res.end(gzipSync(Buffer.concat(steps.filter((step) => typeof step === "string").map((step) => Buffer.from(step)))));
}

async function playSteps(steps: readonly Step[], res: ServerResponse): Promise<void> {
  for (const step of steps) {
    if (res.destroyed) return;
    if (typeof step === "object" && "end" in step) {
      // What was written before must not be lost with the connection.
      await new Promise<void>((resolve) => void res.write("", () => resolve()));
      await delay(20);
      res.socket?.resetAndDestroy();
      return;
    }
    if (typeof step === "string" || Buffer.isBuffer(step)) res.write(step);
    else if (step.waitMs === Infinity) return;
    else await delay(step.waitMs);
  }
  res.end();
}
