import { FileTaker } from "../file/file-taker.ts";
import type { PartTaker } from "../part-taker.ts";
import { malformedUpload, tooManyParts } from "../problems.ts";
import type { UploadContext } from "../upload-record.ts";
import { charsetField, isSafeFieldName } from "./field-name.ts";
import { FieldTaker } from "./field-taker.ts";
import type { Token } from "./multipart-reader.ts";
import { type ParsedPart, parsePart } from "./parse-part.ts";
import { checkPartHeaders } from "./part-headers.ts";

/** RFC 7578, 4.7: nobody encodes bytes any more; to hand encoded ones on under another name would change them. */
const plainEncodings = new Set(["7bit", "8bit", "binary"]);
const nothing = Buffer.alloc(0);

/**
 * Checks the parts of a form in arrival order, and re-encodes them.
 *
 * No header of the client is copied: field names are free of quotes and control characters, file names are normalised, types are
 * those that were found.
 */
export class FormIntake {
  readonly #context: UploadContext;
  #files = 0;
  #fields = 0;
  #taker: PartTaker | undefined;

  constructor(context: UploadContext) {
    this.#context = context;
  }

  /** @throws UploadProblem, or rejects with one */
  take(token: Token): Promise<void> | undefined {
    switch (token.kind) {
      case "headers":
        this.#taker = this.#open(token.block);
        return undefined;
      case "content":
        return this.#taker?.content(token.bytes);
      case "end":
        return this.#taker?.end();
    }
  }

  /**
   * Writes the closing boundary.
   *
   * @throws UploadProblem `malformed-upload`
   */
  end(): void {
    const { record, write, boundary } = this.#context;
    if (record.first === undefined) throw malformedUpload("The upload has no file.");
    write(Buffer.from(`--${boundary}--\r\n`));
  }

  abort(): void {
    this.#taker?.abort();
  }

  #open(given: string): PartTaker {
    const block = unfold(given);
    const hasType = checkPartHeaders(block, this.#context.settings.headerPairs);
    const part = parsePart(block, nothing);
    if (part === undefined) throw malformedUpload("A part has a Content-Disposition that cannot be read.");
    this.#count(part.kind);
    const { field, fileName, type } = part;
    if (!isSafeFieldName(field)) throw malformedUpload(badName);
    checkCoding(part);
    if (part.kind === "field") return new FieldTaker(this.#context, field, type, block);
    if (field === charsetField) throw malformedUpload("The field `_charset_` is a file; send it as a field, with the value UTF-8.");
    return new FileTaker(this.#context, { field, fileName, declared: hasType ? type : undefined, ordinal: this.#files });
  }

  #count(kind: ParsedPart["kind"]): void {
    const { files, fields } = this.#context.settings;
    if (kind === "file" && (this.#files += 1) > files) throw tooManyParts("files", files);
    if (kind === "field" && (this.#fields += 1) > fields) throw tooManyParts("fields", fields);
  }
}

/** Joins folded header lines (RFC 5322, 2.2.3), which MIME allows and HTTP does not. */
function unfold(block: string): string {
  return block.replaceAll(/\r\n[\t ]+/g, " ");
}

const badName = "A part has no field name, or one with quotes, backslashes, control characters or a prototype key.";

function checkCoding({ type, encoding }: ParsedPart): void {
  if (/^(?:multipart|message)\//.test(type)) throw malformedUpload("A part is multipart itself; send each file as its own part.");
  if (!plainEncodings.has(encoding.trim())) throw malformedUpload("A part has a Content-Transfer-Encoding; send its bytes as they are.");
}
