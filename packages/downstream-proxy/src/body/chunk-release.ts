import type { Outlet } from "./body-source.ts";

/**
 * Gives the pieces of a body back once the operating system has their bytes. Until then the system reads them from where they lie,
 * so that what is given back earlier would go out as whatever has come there since.
 */
export class PieceReturns {
  readonly #outlet: Outlet;
  readonly #release: (piece: Buffer) => void;
  #sent: Buffer[] = [];

  constructor(outlet: Outlet, release: (piece: Buffer) => void) {
    this.#outlet = outlet;
    this.#release = release;
  }

  /** A piece was written to the outlet. */
  sent(piece: Buffer): void {
    this.#sent.push(piece);
    this.settle();
  }

  /** Gives back what the outlet holds no longer. */
  settle(): void {
    if (this.#sent.length === 0 || !this.#outlet.flushed) return;
    const sent = this.#sent;
    this.#sent = [];
    for (const piece of sent) this.#release(piece);
  }
}
