import { hasMessageType } from "@aivillage/middleware";

import type { Ask, Refusal } from "../store.ts";

const type = "aivillage:admission";

/** What a worker wants of the primary. `id` names a request of this worker. */
export type Call =
  | { readonly do: "enter"; readonly id: number; readonly ask: Ask }
  | { readonly do: "leave"; readonly id: number }
  | { readonly do: "resize"; readonly limit: string; readonly max: number };

/** What the primary says of a request. */
export type Note =
  | { readonly do: "queued" | "admitted"; readonly id: number; readonly position: number }
  | { readonly do: "refused"; readonly id: number; readonly refusal: Refusal };

interface Batch<T> {
  readonly type: typeof type;
  readonly items: readonly T[];
}

/** The calls in a message of a worker; none in a message of something else. */
export function readCalls(message: unknown): readonly Call[] {
  return itemsOf(message);
}

/** The notes in a message of the primary; none in a message of something else. */
export function readNotes(message: unknown): readonly Note[] {
  return itemsOf(message);
}

function itemsOf(message: unknown): readonly never[] {
  return hasMessageType(message, type) ? (message as Batch<never>).items : [];
}

/** Sends what one turn of the event loop has for the other side in one message. */
export class Outbox<T> {
  readonly #send: (batch: Batch<T>) => void;
  #items: T[] = [];

  constructor(send: (batch: object) => void) {
    this.#send = send;
  }

  push(item: T): void {
    if (this.#items.length === 0) setImmediate(() => this.#flush());
    this.#items.push(item);
  }

  #flush(): void {
    const items = this.#items;
    this.#items = [];
    this.#send({ type, items });
  }
}
