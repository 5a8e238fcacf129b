import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

import type { Response } from "express";

/**
 * Sends a reply as server-sent events, a word at a time, and an event `done` with the rest of the response at the end.
 *
 * Resolves to what was sent: less than the whole when the client has left.
 */
export async function streamReply(res: Response, reply: string, rest: object, wordDelayMs: number): Promise<string> {
  res.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache", "X-Accel-Buffering": "no" });
  const gone = new AbortController();
  res.once("close", () => gone.abort());
  let sent = "";
  try {
    for (const delta of reply.match(/\s*\S+/g) ?? []) {
      const buffered = !res.write(`data: ${JSON.stringify({ delta })}\n\n`);
      sent += delta;
      if (buffered) await once(res, "drain", { signal: gone.signal });
      await delay(wordDelayMs, undefined, { signal: gone.signal });
    }
    res.end(`event: done\ndata: ${JSON.stringify(rest)}\n\n`);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
  return sent;
}
