import type { ServerResponse } from "node:http";

/** A response that is not complete, linked to the others: which costs a third of a `Set`. */
export interface ResponseInProgress {
  readonly res: ServerResponse | undefined;
  /** Reading of `performance.now()`. */
  readonly startedAt: number;
  before: ResponseInProgress;
  after: ResponseInProgress;
}

/** All responses that are not complete, of one `metrics()`. */
export class ResponsesInProgress {
  /** The ring starts and ends at an entry that is not a response. */
  readonly #ring: ResponseInProgress = makeRing();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(res: ServerResponse, startedAt: number): ResponseInProgress {
    const last = this.#ring.before;
    const added: ResponseInProgress = { res, startedAt, before: last, after: this.#ring };
    last.after = added;
    this.#ring.before = added;
    this.#size += 1;
    return added;
  }

  /**
   * The entry forgets its neighbours too. Otherwise one that the garbage collector has moved to the old generation keeps the next one
   * alive, that one the next, and every response since until a full collection.
   */
  remove(response: ResponseInProgress): void {
    response.before.after = response.after;
    response.after.before = response.before;
    response.before = response;
    response.after = response;
    this.#size -= 1;
  }

  countStreams(): number {
    let streams = 0;
    for (let each = this.#ring.after; each !== this.#ring; each = each.after) {
      if (each.res !== undefined && isEventStream(each.res)) streams += 1;
    }
    return streams;
  }
}

function makeRing(): ResponseInProgress {
  const ring = { res: undefined, startedAt: 0 } as ResponseInProgress;
  ring.before = ring;
  ring.after = ring;
  return ring;
}

/** Headers that were only given to `writeHead()` are nowhere but in the text of the head, which `_header` holds. */
function isEventStream(res: ServerResponse): boolean {
  if (!res.headersSent) return false;
  const type = res.getHeader("content-type");
  if (type !== undefined) return /^text\/event-stream\b/i.test(String(type));
  return /\r\ncontent-type: *text\/event-stream\b/i.test(String(Reflect.get(res, "_header")));
}
