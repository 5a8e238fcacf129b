import { nothing } from "../response-filter.ts";

/** Room for about thirty events of a usual stream. */
export const roomBytes = 8_192;

/**
 * Events that have passed, to be read later, many at once. To read each by itself costs several times as much, because the processor has
 * forgotten code and data since the one before.
 */
export class UnreadEvents {
  #room: Buffer = nothing;
  #bytes = 0;

  hasRoom(chunk: Buffer): boolean {
    return this.#bytes + chunk.length <= roomBytes;
  }

  /** Adds whole events, for which there must be room. */
  add(chunk: Buffer): void {
    if (this.#room.length === 0) this.#room = Buffer.allocUnsafeSlow(roomBytes);
    this.#room.set(chunk, this.#bytes);
    this.#bytes += chunk.length;
  }

  /** All that were added since the last call. They are valid until the next one is added. */
  take(): Buffer {
    const taken = this.#room.subarray(0, this.#bytes);
    this.#bytes = 0;
    return taken;
  }
}
