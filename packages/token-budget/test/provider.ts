import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** How the provider of a test answers. Each word of its stream is a token or two to an estimate. */
export interface HttpResponse {
  readonly tokens: number;
  /** Whether it reports usage at the end. Default true. */
  readonly reports?: boolean;
  /** Milliseconds between tokens. Default 0: a turn of the event loop. */
  readonly everyMs?: number;
  readonly inputTokens?: number;
}

/** Streams tokens as an OpenAI-compatible server does, until the client leaves. Returns how many it has sent. */
export async function streamTokens(
  res: ServerResponse,
  { tokens, reports = true, everyMs = 0, inputTokens = 10 }: HttpResponse,
): Promise<number> {
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  const send = (event: unknown): boolean => res.write(`data: ${JSON.stringify(event)}\n\n`);
  let sent = 0;
  for (; sent < tokens && !res.closed; sent += 1) {
    send({ choices: [{ index: 0, delta: { content: " word" } }] });
    await delay(everyMs);
  }
  if (res.closed) return sent;
  send({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  if (reports) send({ choices: [], usage: { prompt_tokens: inputTokens, completion_tokens: tokens, total_tokens: tokens + inputTokens } });
  res.end("data: [DONE]\n\n");
  return sent;
}
