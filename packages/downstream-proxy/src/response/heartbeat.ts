import type { ServerResponse } from "node:http";

import { flushCompression } from "./flush-compression.ts";

/** An empty comment, which the client's parser ignores (WHATWG HTML, 9.2.6). */
const comment = ":\n\n";

/**
 * Keeps a silent event stream open across proxies that close idle connections.
 *
 * A comment is sent when nothing has been written for `everyMs`, but only between events, and not to a client that does not keep up.
 */
export class Heartbeat {
  readonly #res: ServerResponse;
  readonly #timer: NodeJS.Timeout;
  #tail = "\n\n";

  constructor(res: ServerResponse, everyMs: number) {
    this.#res = res;
    this.#timer = setInterval(() => this.#beat(), everyMs).unref();
  }

  wrote(chunk: Buffer): void {
    this.#tail = (this.#tail + chunk.toString("latin1", Math.max(0, chunk.length - 4))).slice(-4);
    this.#timer.refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (!this.#isBetweenEvents() || this.#res.writableNeedDrain) return;
    this.#res.write(comment);
    flushCompression(this.#res);
  }

  /** Lines may end in CR, LF or both, and an empty line ends an event. */
  #isBetweenEvents(): boolean {
    return this.#tail.replaceAll("\r\n", "\n").replaceAll("\r", "\n").endsWith("\n\n");
  }
}
