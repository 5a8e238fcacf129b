import { Pieces } from "@aivillage/middleware";

/** Keeps the last chunks back until it is known that they may go: between `bytes` and twice as much, or all where there are fewer. */
export class HoldBack {
  readonly #bytes: number;
  readonly #release: (piece: Buffer) => void;
  #older = new Pieces();
  #newer = new Pieces();

  constructor(bytes: number, release: (piece: Buffer) => void) {
    this.#bytes = bytes;
    this.#release = release;
  }

  push(piece: Buffer): undefined {
    this.#newer.push(piece);
    if (this.#newer.bytes < this.#bytes) return;
    const free = this.#older;
    this.#older = this.#newer;
    this.#newer = new Pieces();
    for (const each of free) this.#release(each);
  }

  releaseAll(): void {
    const held = [...this.#older, ...this.#newer];
    this.drop();
    for (const piece of held) this.#release(piece);
  }

  drop(): void {
    this.#older = new Pieces();
    this.#newer = new Pieces();
  }
}
