import type { UploadSettings } from "./options.ts";
import { checkPartHeaders } from "./part-headers.ts";
import { malformedUpload, tooManyParts } from "./problems.ts";

type Limits = Pick<UploadSettings, "parts" | "headerBytes" | "headerPairs">;

/**
 * Follows the framing of a multipart body beside the parser and refuses what the parser lets pass.
 *
 * The parser drops parts without a name, takes a line that only begins like the boundary for the end of a file, and has fixed
 * limits for headers. Here each of these is an error, found before the parser gets the chunk. Its memory is one header block or
 * one boundary.
 */
export class PartFrames {
  /** One entry for each part whose headers are complete: whether it has a Content-Type. */
  readonly typed: boolean[] = [];
  readonly #limits: Limits;
  readonly #delimiter: Buffer;
  #state: "content" | "delimiter" | "headers" | "end" = "content";
  /** Bytes that cannot be judged without the next chunk. The first delimiter may lack its line break. */
  #rest: Buffer = Buffer.from("\r\n");
  #contentIsEmpty = false;

  constructor(boundary: string, limits: Limits) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
    this.#limits = limits;
  }

  /** True when the closing delimiter has come. */
  get complete(): boolean {
    return this.#state === "end";
  }

  /** @throws UploadProblem `malformed-upload` or `too-many-parts` */
  push(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let position: number | undefined = 0;
    while (position !== undefined) position = this.#step(data, position);
  }

  /** Goes one step and returns where the next begins; `undefined` when that needs more bytes. */
  #step(data: Buffer, start: number): number | undefined {
    switch (this.#state) {
      case "content":
        return this.#findDelimiter(data, start);
      case "delimiter":
        return this.#endDelimiter(data, start);
      case "headers":
        return this.#readHeaders(data, start);
      case "end":
        return this.#keep(data, data.length);
    }
  }

  #keep(data: Buffer, from: number): undefined {
    this.#rest = data.subarray(from);
  }

  #findDelimiter(data: Buffer, start: number): number | undefined {
    const found = data.indexOf(this.#delimiter, start);
    if (found === -1) {
      const undecided = Math.max(start, data.length - this.#delimiter.length + 1);
      if (undecided > start) this.#contentIsEmpty = false;
      return this.#keep(data, undecided);
    }
    // The line break that ends the headers cannot begin the delimiter as well.
    if (this.#contentIsEmpty && found === start) throw malformedUpload("A part has no empty line after its headers.");
    this.#state = "delimiter";
    return found + this.#delimiter.length;
  }

  #endDelimiter(data: Buffer, start: number): number | undefined {
    if (data.length - start < 2) return this.#keep(data, start);
    const mark = data.toString("latin1", start, start + 2);
    if (mark !== "--" && mark !== "\r\n") throw malformedUpload("A line begins with the boundary but goes on (RFC 2046, 5.1.1).");
    this.#state = mark === "--" ? "end" : "headers";
    return start + 2;
  }

  #readHeaders(data: Buffer, start: number): number | undefined {
    const { parts, headerBytes, headerPairs } = this.#limits;
    if (this.typed.length === parts) throw tooManyParts("parts", parts);
    const end = data.indexOf("\r\n\r\n", start);
    const length = (end === -1 ? data.length : end) - start;
    if (length > headerBytes) throw malformedUpload(`A part has more than ${headerBytes} bytes of headers.`);
    if (end === -1) return this.#keep(data, start);
    this.typed.push(checkPartHeaders(data.toString("latin1", start, end), headerPairs));
    this.#state = "content";
    this.#contentIsEmpty = true;
    return end + 2;
  }
}
