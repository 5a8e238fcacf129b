import { Readable } from "node:stream";

import { Chunks } from "@aivillage/middleware";

/** What the body reports about itself. */
export interface BodyListener {
  /** The consumer wants more than there is. */
  readonly requested: () => void;
  /** The consumer took the last chunk. */
  readonly ended: () => void;
  /** The stream is closed, by its end, by an error or by its consumer. */
  readonly closed: (error: Error | null) => void;
}

/** How much may wait for the consumer before the writer should stop. */
const waitingBytes = 65_536;

/**
 * The stream that the consumer reads; its creator writes.
 *
 * It hands on one chunk at a time. What the consumer does not take waits outside of the stream, where small chunks become one.
 */
export class UploadBody extends Readable {
  readonly #listener: BodyListener;
  #waiting = new Chunks();
  #isRequested = false;
  #isComplete = false;

  constructor(listener: BodyListener) {
    super({ highWaterMark: 1 });
    this.#listener = listener;
    // A failure that nobody listens to must not end the process; readers see it all the same.
    this.once("end", listener.ended).on("error", () => undefined);
  }

  /** False when the consumer does not keep up. */
  write(bytes: Buffer): boolean {
    if (this.#isRequested && bytes.length > 0) {
      this.#isRequested = false;
      this.push(bytes);
    } else {
      this.#waiting.push(bytes);
    }
    return this.#waiting.bytes + this.readableLength < waitingBytes;
  }

  complete(): void {
    this.#isComplete = true;
    if (this.#waiting.bytes === 0) this.push(null);
  }

  override _read(): void {
    const waiting = this.#waiting;
    this.#waiting = new Chunks();
    this.#isRequested = waiting.bytes === 0;
    for (const bytes of waiting) this.push(bytes);
    if (this.#isComplete) this.push(null);
    else this.#listener.requested();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#waiting = new Chunks();
    this.#listener.closed(error);
    callback(error);
  }
}
