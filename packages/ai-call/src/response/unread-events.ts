import { nothing } from "./response-filter.ts";

/**
 * Events that have passed, to be read later, many at once. To read each by itself costs several times as much, because the processor has
 * forgotten code and data since the one before.
 */
export class UnreadEvents {
  /** Room for about thirty events of a usual stream. */
  static readonly roomBytes = 8_192;
  #room: Buffer = nothing;
  #bytes = 0;

  hasRoom(chunk: Buffer): boolean {
    return this.#bytes + chunk.length <= UnreadEvents.roomBytes;
  }

  /** Adds whole events, for which there must be room. */
  add(chunk: Buffer): void {
    if (this.#room.length === 0) this.#room = Buffer.allocUnsafeSlow(UnreadEvents.roomBytes);
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
