import type { ServerResponse } from "node:http";

import { soon } from "@aivillage/middleware";

/**
 * Writes small complete responses together at the end of each turn of the event loop.
 *
 * The first write wakes the reader on the other side, which is then awake for the others. Written one by one, each response pays for
 * waking it, which costs more than the response itself. While no other request is in progress there is nothing to wait
 * for, and waiting would cost a turn of the event loop, so a response is written at once.
 */
export class ResponseBatch {
  readonly #inProgress: () => number;
  #responses: ServerResponse[] = [];
  #bodies: string[] = [];

  /** @param inProgress how many requests have no complete response yet */
  constructor(inProgress: () => number) {
    this.#inProgress = inProgress;
  }

  /** Ends the response with a body in which each character stands for a byte (Latin-1). Its head was written already. */
  end(res: ServerResponse, body: string): void {
    if (this.#responses.length === 0 && this.#inProgress() === 0) return void res.end(body, "latin1");
    this.#bodies.push(body);
    if (this.#responses.push(res) === 1) soon(this.flush);
  }

  /** Writes the waiting responses now. */
  readonly flush = (): void => {
    const [responses, bodies] = [this.#responses, this.#bodies];
    this.#responses = [];
    this.#bodies = [];
    for (const [index, res] of responses.entries()) if (!res.destroyed) res.end(bodies[index], "latin1");
  };
}
