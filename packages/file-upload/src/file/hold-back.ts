import { Chunks } from "@aivillage/middleware";

/** Keeps the last chunks back until it is known that they may go: between `bytes` and twice as much, or all where there are fewer. */
export class HoldBack {
  readonly #bytes: number;
  readonly #release: (chunk: Buffer) => void;
  #older = new Chunks();
  #newer = new Chunks();

  constructor(bytes: number, release: (chunk: Buffer) => void) {
    this.#bytes = bytes;
    this.#release = release;
  }

  push(chunk: Buffer): undefined {
    this.#newer.push(chunk);
    if (this.#newer.bytes < this.#bytes) return;
    const free = this.#older;
    this.#older = this.#newer;
    this.#newer = new Chunks();
    for (const each of free) this.#release(each);
  }

  releaseAll(): void {
    const held = [...this.#older, ...this.#newer];
    this.drop();
    for (const chunk of held) this.#release(chunk);
  }

  drop(): void {
    this.#older = new Chunks();
    this.#newer = new Chunks();
  }
}
