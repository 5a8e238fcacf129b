import { Chunks } from "@aivillage/middleware";

import type { ResponseHead } from "../fields/response-head.ts";
import { isEventStream } from "../fields/stream-type.ts";
import type { ResponseFilter, ResponseOpening } from "../options/response-filter.ts";
import { FirstEvent } from "./first-event.ts";

/** A response that has sent more than this is passed on, whatever it is. */
const maxHeldBytes = 65_536;

/** Whether the head is held: until the first content if that is limited in time, and while a filter reads an error. */
export function isHeld({ status }: ResponseHead, filter: ResponseFilter | undefined, firstEventTimeoutMs: number): boolean {
  return firstEventTimeoutMs > 0 || (status >= 400 && filter?.opening !== undefined);
}

/** A response whose head is held, because the request may still be sent to another target. */
export class OpeningResponse {
  readonly head: ResponseHead;
  /** Filtered bytes that wait for the head. */
  readonly held = new Chunks();
  readonly #filter: ResponseFilter | undefined;
  readonly #firstEvent: FirstEvent | undefined;
  #hasEnded = false;

  constructor(head: ResponseHead, filter: ResponseFilter | undefined) {
    this.head = head;
    this.#filter = filter;
    if (filter?.opening === undefined && isEventStream(head.headers)) this.#firstEvent = new FirstEvent();
  }

  /** The filter for what follows. It is not called again after the end. */
  get filter(): ResponseFilter | undefined {
    if (!this.#hasEnded || this.#filter === undefined) return this.#filter;
    return { changes: this.#filter.changes, write: (chunk) => chunk, end: () => noBytes };
  }

  get state(): ResponseOpening {
    if (this.held.bytes > maxHeldBytes) return "content";
    if (this.#filter?.opening !== undefined) return this.#filter.opening;
    const hasCome = this.#firstEvent?.hasCome ?? this.held.bytes > 0;
    return hasCome ? "content" : "pending";
  }

  write(chunk: Buffer): void {
    const passed = this.#filter?.write(chunk) ?? chunk;
    this.#firstEvent?.push(passed);
    this.held.push(passed);
  }

  end(): void {
    this.held.push(this.#filter?.end("completed") ?? noBytes);
    this.#hasEnded = true;
  }
}

const noBytes = Buffer.alloc(0);
