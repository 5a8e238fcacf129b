/** Tokens of one text that are kept; a text of more is not read further. */
export const maxTokens = 100_000;

/** Room for tokens, a typed array for each of their properties. */
export class TokenColumns {
  kinds = new Uint8Array(0);
  meanings = new Uint8Array(0);
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  visited = new Int32Array(0);
  /** Whether each token is a quote that ends a string which the text did not begin. */
  breaking = new Uint8Array(0);

  constructor() {
    this.#makeRoom(256);
  }

  /** Makes room for as many tokens as the text has characters, but no more than are kept. */
  reserve(length: number): void {
    if (Math.min(maxTokens, length) > this.kinds.length) this.#makeRoom(Math.min(maxTokens, 2 ** Math.ceil(Math.log2(length))));
  }

  #makeRoom(room: number): void {
    this.kinds = new Uint8Array(room);
    this.meanings = new Uint8Array(room);
    this.starts = new Int32Array(room);
    this.ends = new Int32Array(room);
    this.visited = new Int32Array(room);
    this.breaking = new Uint8Array(room);
  }
}
