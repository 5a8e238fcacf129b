/** Keeps the last pieces back until it is known that they may go: at least `bytes`, or all where there are fewer. */
export class HoldBack {
  readonly #bytes: number;
  readonly #release: (piece: Buffer) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(bytes: number, release: (piece: Buffer) => void) {
    this.#bytes = bytes;
    this.#release = release;
  }

  push(piece: Buffer): undefined {
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    let [oldest] = this.#held;
    while (oldest !== undefined && this.#heldBytes - oldest.length >= this.#bytes) {
      this.#held.shift();
      this.#heldBytes -= oldest.length;
      this.#release(oldest);
      [oldest] = this.#held;
    }
  }

  releaseAll(): void {
    const held = this.#held;
    this.drop();
    for (const piece of held) this.#release(piece);
  }

  drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }
}
