import { processState } from "../across-copies.ts";
import { type CallOutcome, readBatch, toBatch } from "./batch.ts";

/** Batches that wait for a response at once; the oldest is dropped for the next one. */
const mostWaiting = 1_000;
/** Calls that wait at once; a further one fails. */
const mostCalls = 20_000;

interface Asked<Call, Reply> {
  readonly call: Call;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Every instance in the process receives all responses. */
const ids = processState("@aivillage/middleware.batchIds", { last: 0 });

/**
 * Calls from a worker of `node:cluster` to the `replyToWorkers()` of its primary. All calls of one turn of the event loop go in one message.
 *
 * Calls and replies are sent as JSON, in which `Infinity` arrives as `null`.
 */
export class PrimaryCalls<Call, Reply> {
  readonly #type: string;
  #queue: Asked<Call, Reply>[] = [];
  readonly #waiting = new Map<number, readonly Asked<Call, Reply>[]>();
  #calls = 0;

  /** @param type distinguishes these messages from others, such as `aivillage:rate-limit` */
  constructor(type: string) {
    this.#type = type;
    process.on("message", this.#onMessage);
  }

  /** Rejects when the primary does not take the call, or reports an error; waits for ever for one that is silent. */
  ask(call: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#calls >= mostCalls) return reject(new Error("too many calls wait for the primary"));
      this.#calls += 1;
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({ call, resolve, reject });
    });
  }

  close(): void {
    process.off("message", this.#onMessage);
  }

  #flush(): void {
    const asked = this.#queue;
    this.#queue = [];
    ids.last += 1;
    const id = ids.last;
    this.#waiting.set(id, asked);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > mostWaiting && oldest !== undefined) this.#settle(oldest, "the primary does not reply");
    const message = toBatch(
      this.#type,
      id,
      asked.map(({ call }) => call),
    );
    if (!process.connected) return this.#settle(id, "the primary is gone");
    process.send?.(message, undefined, undefined, (error) => error !== null && this.#settle(id, error.message));
  }

  readonly #onMessage = (message: unknown): void => {
    const batch = readBatch<CallOutcome<Reply>>(this.#type, message);
    if (batch !== undefined) this.#settle(batch.id, batch.items);
  };

  /** @param ended how each call ended, or the error of all */
  #settle(id: number, ended: readonly CallOutcome<Reply>[] | string): void {
    const asked = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    this.#calls -= asked.length;
    for (const [index, { resolve, reject }] of asked.entries()) {
      const outcome = typeof ended === "string" ? { error: ended } : (ended[index] ?? { error: "the primary left out a reply" });
      if ("error" in outcome) reject(new Error(outcome.error));
      else resolve(outcome.reply);
    }
  }
}
