/** Tokens of one text that are kept; a text of more is not read further. */
export const maxTokens = 100_000;
/** Numbers that are kept of each token. */
export const cellsOfToken = 3;

/** Room for tokens, in one array for all of their numbers: an array for each property would take longer to write. */
export class TokenColumns {
  cells = new Int32Array(0);
  /** Which tokens a rule may begin at. */
  visited = new Int32Array(0);

  constructor() {
    this.#makeRoom(256);
  }

  /** Makes room for as many tokens as the text has characters, but no more than are kept. */
  reserve(length: number): void {
    if (Math.min(maxTokens, length) > this.visited.length) this.#makeRoom(Math.min(maxTokens, 2 ** Math.ceil(Math.log2(length))));
  }

  #makeRoom(room: number): void {
    this.cells = new Int32Array(room * cellsOfToken);
    this.visited = new Int32Array(room);
  }
}
