import { Chunks } from "@aivillage/middleware";

import { canonicalType, isTextType } from "../media-types.ts";
import type { PartTaker } from "../part-taker.ts";
import { malformedUpload, payloadTooLarge } from "../problems.ts";
import type { UploadContext } from "../upload-record.ts";
import { charsetField, isUtf8Charset } from "./field-name.ts";
import { parsePart } from "./parse-part.ts";

/** A reader would decode the fields by it, and get another text than the one that was checked. */
const otherCharset = "The field `_charset_` names another character set than UTF-8 (RFC 7578, 4.6); send the form in UTF-8.";

/** A field: collected whole, turned into UTF-8, rewritten. */
export class FieldTaker implements PartTaker {
  readonly #context: UploadContext;
  readonly #field: string;
  readonly #type: string;
  readonly #block: string;
  #chunks = new Chunks();

  constructor(context: UploadContext, field: string, type: string, block: string) {
    if (!isTextType(canonicalType(type))) throw malformedUpload("A part without a file name has a type that is no text.");
    this.#context = context;
    this.#field = field;
    this.#type = type;
    this.#block = block;
  }

  content(bytes: Buffer): undefined {
    const { fieldBytes } = this.#context.settings;
    this.#chunks.push(bytes);
    if (this.#chunks.bytes > fieldBytes) throw payloadTooLarge("field", fieldBytes);
  }

  end(): undefined {
    const { boundary, record, write, settings, req } = this.#context;
    const value = parsePart(this.#block, this.#chunks.joined())?.value;
    if (value === undefined) throw malformedUpload("A field has a character set that is not known; send UTF-8.");
    if (this.#field === charsetField && !isUtf8Charset(value)) throw malformedUpload(otherCharset);
    const problem = settings.checkField?.({ name: this.#field, value }, req);
    if (problem !== undefined) throw problem;
    if (!record.fields.has(this.#field)) record.fields.set(this.#field, value);
    const typeLine = this.#type === "text/plain" ? "" : `Content-Type: ${this.#type}\r\n`;
    write(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${this.#field}"\r\n${typeLine}\r\n${value}\r\n`));
  }

  abort(): void {
    this.#chunks = new Chunks();
  }
}
