import type { ServerResponse } from "node:http";

/** A viewer that has not taken so many bytes is too slow, and reconnects when it can. */
const maxWaitingBytes = 4 << 20;

/** The streams of all viewers. What is sent is written once for all. */
export class Viewers {
  /** Open, and without their first event. */
  readonly #waiting = new Set<ServerResponse>();
  readonly #greeted = new Set<ServerResponse>();
  readonly #onEmpty: () => void;

  /** @param onEmpty called when the last viewer has left */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#waiting.size + this.#greeted.size;
  }

  add(res: ServerResponse): void {
    res.statusCode = 200;
    res.setHeader("Content-Type", "text/event-stream; charset=utf-8");
    // A compressor such as compression() would collect events until it has enough (RFC 9111, 5.2.2.6).
    res.setHeader("Cache-Control", "no-store, no-transform");
    // Without it nginx holds events back.
    res.setHeader("X-Accel-Buffering", "no");
    res.flushHeaders();
    this.#waiting.add(res);
    res.once("close", () => {
      if ((this.#waiting.delete(res) || this.#greeted.delete(res)) && this.size === 0) this.#onEmpty();
    });
  }

  /** Sends a viewer its first event, unless it has left. */
  greet(res: ServerResponse, name: string, data: unknown): void {
    if (!this.#waiting.delete(res)) return;
    res.write(toEvent(name, data));
    this.#greeted.add(res);
  }

  /** To those that have had their first event. */
  sendToAll(name: string, data: unknown): void {
    const event = toEvent(name, data);
    for (const res of this.#greeted) {
      if (res.writableLength > maxWaitingBytes) res.destroy();
      else res.write(event);
    }
  }

  close(): void {
    for (const viewers of [this.#waiting, this.#greeted]) {
      for (const res of viewers) res.end();
      viewers.clear();
    }
  }
}

/** JSON has no line breaks of its own, so it is one line of the stream. */
function toEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
