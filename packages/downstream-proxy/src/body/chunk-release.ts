import type { Outlet } from "./body-types.ts";

/**
 * Releases the chunks of a body when the operating system has their bytes. Until then the system reads them from their memory, so a
 * chunk that is released and reused earlier would be sent with its new content.
 */
export class ChunkRelease {
  readonly #outlet: Outlet;
  readonly #release: (chunk: Buffer) => void;
  #sent: Buffer[] = [];

  constructor(outlet: Outlet, release: (chunk: Buffer) => void) {
    this.#outlet = outlet;
    this.#release = release;
  }

  /** A chunk was written to the outlet. */
  sent(chunk: Buffer): void {
    this.#sent.push(chunk);
    this.settle();
  }

  /** Releases the chunks that the outlet no longer holds. */
  settle(): void {
    if (this.#sent.length === 0 || !this.#outlet.flushed) return;
    const sent = this.#sent;
    this.#sent = [];
    for (const chunk of sent) this.#release(chunk);
  }
}
