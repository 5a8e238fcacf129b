import type { ServerResponse } from "node:http";

/**
 * Writes small answers that have come whole, all those of one turn of the event loop together at its end.
 *
 * The first write wakes the reader on the other side, and it is awake for the rest. One by one, each write pays for a waking, which
 * costs more than the answer itself.
 */
export class Outbox {
  #responses: ServerResponse[] = [];
  #bodies: string[] = [];

  /** Ends the response with a body whose characters stand for bytes (Latin-1). Its head has been written already. */
  end(res: ServerResponse, body: string): void {
    this.#bodies.push(body);
    if (this.#responses.push(res) === 1) setImmediate(this.flush);
  }

  /** Writes at once what waits. */
  readonly flush = (): void => {
    const [responses, bodies] = [this.#responses, this.#bodies];
    this.#responses = [];
    this.#bodies = [];
    for (const [index, res] of responses.entries()) if (!res.destroyed) res.end(bodies[index], "latin1");
  };
}
