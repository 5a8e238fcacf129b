import type { ServerResponse } from "node:http";

/**
 * Writes small complete responses together at the end of each turn of the event loop.
 *
 * The first write wakes the reader on the other side, which is then awake for the others. Written one by one, each response pays for
 * waking it, which costs more than the response itself.
 */
export class ResponseBatch {
  #responses: ServerResponse[] = [];
  #bodies: string[] = [];

  /** Ends the response with a body in which each character stands for a byte (Latin-1). Its head was written already. */
  end(res: ServerResponse, body: string): void {
    this.#bodies.push(body);
    if (this.#responses.push(res) === 1) setImmediate(this.flush);
  }

  /** Writes the waiting responses now. */
  readonly flush = (): void => {
    const [responses, bodies] = [this.#responses, this.#bodies];
    this.#responses = [];
    this.#bodies = [];
    for (const [index, res] of responses.entries()) if (!res.destroyed) res.end(bodies[index], "latin1");
  };
}
