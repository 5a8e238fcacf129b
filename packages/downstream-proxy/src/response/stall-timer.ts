import type { ServerResponse } from "node:http";

/** Waits for a client that does not keep up, until it has drained what was written or the time limit has passed. */
export class StallTimer {
  readonly #res: ServerResponse;
  readonly #limitMs: number;
  readonly #onDrained: () => void;
  readonly #onStalled: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(res: ServerResponse, limitMs: number, { onDrained, onStalled }: { onDrained: () => void; onStalled: () => void }) {
    this.#res = res;
    this.#limitMs = limitMs;
    this.#onDrained = onDrained;
    this.#onStalled = onStalled;
  }

  start(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onStalled, this.#limitMs).unref();
    this.#res.once("drain", this.#onDrain);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  readonly #onDrain = (): void => {
    clearTimeout(this.#timer);
    this.#onDrained();
  };
}
