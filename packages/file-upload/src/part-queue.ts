import type { Readable } from "node:stream";

export interface FieldPart {
  readonly kind: "field";
  readonly field: string;
  readonly value: string;
  /** Media type of the part, `text/plain` unless it says another. */
  readonly type: string;
}

export interface FilePart {
  readonly kind: "file";
  readonly field: string;
  /** As the client sent it. */
  readonly fileName: string | undefined;
  /** The Content-Type of the part, if it has one. */
  readonly declared: string | undefined;
  readonly content: Readable;
}

export type Part = FieldPart | FilePart;

/** Hands parts, in order, from the parser to one reader. It is bounded by the number of parts that an upload may have. */
export class PartQueue {
  readonly #parts: Part[] = [];
  #end: { reason?: unknown } | undefined;
  #wake: (() => void) | undefined;

  push(part: Part): void {
    this.#parts.push(part);
    this.#wake?.();
  }

  /** No part follows; with a reason the reader fails with it, and parts that still wait are dropped. */
  end(...reason: [unknown?]): void {
    if (this.#end?.reason !== undefined) return;
    this.#end = reason.length === 0 ? {} : { reason: reason[0] };
    if (reason.length > 0) this.#parts.length = 0;
    this.#wake?.();
  }

  /** The next part, `undefined` at the end. */
  async next(): Promise<Part | undefined> {
    while (this.#parts.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#end?.reason !== undefined) throw this.#end.reason;
    return this.#parts.shift();
  }
}
