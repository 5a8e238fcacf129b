import { copyWithoutNoUsage, findUsage } from "./no-usage.ts";
import { nothing } from "./response-filter.ts";

/** Room for about fifteen events of a usual stream. */
const roomBytes = 4_096;

/**
 * Events that have passed, to be read later, many at once. To read each by itself costs several times as much, because the processor has
 * forgotten code and data since the one before.
 */
export class UnreadEvents {
  readonly #hidesUsage: boolean;
  #room: Buffer = nothing;
  #bytes = 0;

  constructor(hidesUsage: boolean) {
    this.#hidesUsage = hidesUsage;
  }

  hasRoom(chunk: Buffer): boolean {
    return this.#bytes + chunk.length <= roomBytes;
  }

  /**
   * Adds whole events.
   *
   * @returns what the client gets of them; `undefined` if they must be read first
   */
  add(chunk: Buffer): Buffer | undefined {
    if (!this.hasRoom(chunk)) return undefined;
    if (this.#room.length === 0) this.#room = Buffer.allocUnsafeSlow(roomBytes);
    const start = this.#bytes;
    const usage = this.#hidesUsage ? findUsage(chunk) : -1;
    if (usage === -1) {
      this.#room.set(chunk, start);
      this.#bytes += chunk.length;
      return chunk;
    }
    const end = copyWithoutNoUsage(chunk, usage, this.#room, start);
    if (end === -1) return undefined;
    this.#bytes = end;
    return this.#room.subarray(start, end);
  }

  /** All that were added since the last call. They are valid until the next one is added. */
  take(): Buffer {
    const taken = this.#room.subarray(0, this.#bytes);
    this.#bytes = 0;
    // The client may not have got its bytes yet.
    if (this.#hidesUsage) this.#room = nothing;
    return taken;
  }
}
