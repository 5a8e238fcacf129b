/** Smaller chunks are copied together: an object costs some hundred bytes beside its contents. */
const smallBytes = 4_096;
const leastBlockBytes = 1_024;
const mostBlockBytes = 65_536;

/**
 * Bytes that come chunk by chunk and are kept, such as a body.
 *
 * Its memory follows the number of bytes, not the number of chunks, which the sender chooses: small chunks are copied into blocks. The
 * first chunk and large ones are kept as they are, so that a body in one chunk is not copied.
 */
export class Chunks implements Iterable<Buffer> {
  readonly #list: Buffer[] = [];
  #bytes = 0;
  /** The block that small chunks are copied into; from `#start` to `#end` it holds what is not in the list yet. */
  #block: Buffer | undefined;
  #start = 0;
  #end = 0;

  /** The number of bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#bytes > 0 && chunk.length < smallBytes) this.#copy(chunk);
    else {
      this.#close();
      this.#list.push(chunk);
    }
    this.#bytes += chunk.length;
  }

  /** All bytes in their order, in the chunks that are kept. */
  [Symbol.iterator](): Iterator<Buffer> {
    this.#close();
    return this.#list.values();
  }

  /** All bytes in one chunk. */
  joined(): Buffer {
    this.#close();
    const [first] = this.#list;
    return first !== undefined && this.#list.length === 1 ? first : Buffer.concat(this.#list, this.#bytes);
  }

  #copy(chunk: Buffer): void {
    if (this.#block === undefined || this.#block.length - this.#end < chunk.length) {
      this.#close();
      // As large as all before it, so that little is wasted on a short body and a long one has few blocks.
      const size = Math.min(Math.max(this.#bytes, chunk.length, leastBlockBytes), mostBlockBytes);
      this.#block = Buffer.allocUnsafeSlow(size);
      this.#start = 0;
      this.#end = 0;
    }
    chunk.copy(this.#block, this.#end);
    this.#end += chunk.length;
  }

  #close(): void {
    if (this.#block === undefined || this.#end === this.#start) return;
    this.#list.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
