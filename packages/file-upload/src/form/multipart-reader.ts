import type { UploadSettings } from "../options.ts";
import { malformedUpload, tooManyParts } from "../problems.ts";

type Limits = Pick<UploadSettings, "parts" | "headerBytes">;

/** One step of a multipart body. The bytes of a content are those that came, not a copy. */
export type Token =
  | { readonly kind: "headers"; readonly block: string }
  | { readonly kind: "content"; readonly bytes: Buffer }
  | { readonly kind: "end" };

const endOfPart: Token = { kind: "end" };
const carriageReturn = 0x0d;
const none: Buffer = Buffer.alloc(0);

/**
 * Cuts a multipart body into its parts (RFC 2046, 5.1), strictly: a line that only begins like the boundary, a part without the
 * empty line after its headers, or a header block that is too long is an error and not somebody's guess.
 *
 * Tokens are pulled, so that the consumer may wait between two. Its memory is one header block: of a delimiter that two
 * chunks share only the length is kept, because what of it has come is known.
 */
export class MultipartReader {
  readonly #limits: Limits;
  /** With the line break before it. A boundary holds none, so no delimiter begins within another. */
  readonly #delimiter: Buffer;
  #state: "preamble" | "content" | "delimiter" | "headers" | "epilogue" = "preamble";
  #data = none;
  #position = 0;
  #hungry = true;
  #parts = 0;
  #partIsOpen = false;
  /** Bytes of the delimiter that have come at the end of a chunk; its line break may be the start of the body or the end of headers. */
  #matched = 2;
  #borrowed = 2;

  constructor(boundary: string, limits: Limits) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#limits = limits;
  }

  /** True when the closing delimiter has come. */
  get complete(): boolean {
    return this.#state === "epilogue";
  }

  /** Adds the next bytes of the body; all tokens of those before must have been taken. */
  push(chunk: Buffer): void {
    this.#data = this.#position === this.#data.length ? chunk : Buffer.concat([this.#data.subarray(this.#position), chunk]);
    this.#position = 0;
    this.#hungry = false;
  }

  /**
   * The next token, `undefined` when more bytes are needed.
   *
   * @throws UploadProblem `malformed-upload` or `too-many-parts`
   */
  next(): Token | undefined {
    while (!this.#hungry) {
      const token = this.#step();
      if (token !== undefined) return token;
    }
    return undefined;
  }

  #step(): Token | undefined {
    switch (this.#state) {
      case "preamble":
      case "content":
        return this.#matched > 0 ? this.#matchOn() : this.#find();
      case "delimiter":
        return this.#endDelimiter();
      case "headers":
        return this.#readHeaders();
      case "epilogue":
        return this.#take(this.#data.length);
    }
  }

  #find(): Token | undefined {
    const found = this.#data.indexOf(this.#delimiter, this.#position);
    if (found === this.#position) {
      this.#position += this.#delimiter.length;
      return this.#enter("delimiter");
    }
    if (found > 0) return this.#take(found);
    this.#matched = this.#matchedAtEnd();
    return this.#take(this.#data.length - this.#matched, this.#data.length);
  }

  #matchedAtEnd(): number {
    const tail = this.#data.subarray(Math.max(this.#position, this.#data.length - this.#delimiter.length + 1));
    const start = tail.lastIndexOf(carriageReturn);
    if (start === -1) return 0;
    const length = tail.length - start;
    return this.#delimiter.compare(tail, start, tail.length, 0, length) === 0 ? length : 0;
  }

  #matchOn(): Token | undefined {
    const length = Math.min(this.#delimiter.length - this.#matched, this.#data.length - this.#position);
    const end = this.#position + length;
    if (this.#delimiter.compare(this.#data, this.#position, end, this.#matched, this.#matched + length) !== 0) return this.#giveBack();
    this.#matched += length;
    this.#position = end;
    if (this.#matched < this.#delimiter.length) return this.#starve();
    if (this.#borrowed > 0 && this.#partIsOpen) throw malformedUpload("A part has no empty line after its headers.");
    this.#matched = 0;
    this.#borrowed = 0;
    return this.#enter("delimiter");
  }

  /** What looked like a delimiter was content. */
  #giveBack(): Token | undefined {
    const bytes = Buffer.from(this.#delimiter.subarray(this.#borrowed, this.#matched));
    this.#matched = 0;
    this.#borrowed = 0;
    return this.#content(bytes);
  }

  #endDelimiter(): Token | undefined {
    if (this.#data.length - this.#position < 2) return this.#starve();
    const mark = this.#data.toString("latin1", this.#position, this.#position + 2);
    if (mark !== "--" && mark !== "\r\n") throw malformedUpload("A line begins with the boundary but goes on (RFC 2046, 5.1.1).");
    this.#position += 2;
    this.#enter(mark === "--" ? "epilogue" : "headers");
    if (!this.#partIsOpen) return undefined;
    this.#partIsOpen = false;
    return endOfPart;
  }

  #readHeaders(): Token | undefined {
    const { parts, headerBytes } = this.#limits;
    if (this.#parts === parts) throw tooManyParts("parts", parts);
    const end = this.#data.indexOf("\r\n\r\n", this.#position);
    // The last three bytes may be the beginning of the end.
    const length = (end === -1 ? this.#data.length - 3 : end) - this.#position;
    if (length > headerBytes) throw malformedUpload(`A part has more than ${headerBytes} bytes of headers.`);
    if (end === -1) return this.#starve();
    const block = this.#data.toString("latin1", this.#position, end);
    this.#position = end + 4;
    this.#parts += 1;
    this.#partIsOpen = true;
    this.#matched = 2;
    this.#borrowed = 2;
    this.#enter("content");
    return { kind: "headers", block };
  }

  /** What was taken is not ours any more. */
  #forget(): void {
    this.#data = none;
    this.#position = 0;
    this.#hungry = true;
  }

  #enter(state: "delimiter" | "headers" | "content" | "epilogue"): undefined {
    this.#state = state;
  }

  #starve(): undefined {
    this.#hungry = true;
  }

  /** Takes the bytes up to `end`, and goes on at `next`. */
  #take(end: number, next = end): Token | undefined {
    const bytes = this.#data.subarray(this.#position, end);
    this.#position = next;
    if (next === this.#data.length) this.#forget();
    return this.#content(bytes);
  }

  #content(bytes: Buffer): Token | undefined {
    return this.#state === "content" && bytes.length > 0 ? { kind: "content", bytes } : undefined;
  }
}
