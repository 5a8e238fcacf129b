import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";

import busboy, { type FieldInfo, type FileInfo } from "busboy";

/** What the headers of a part say, and the text of a field. */
export interface ParsedPart {
  readonly kind: "file" | "field";
  readonly field: string | undefined;
  /** As the client sent it; `filename*` wins (RFC 5987). */
  readonly fileName: string | undefined;
  readonly type: string;
  readonly encoding: string;
  /** The content as text; `undefined` when its character set is not known. */
  readonly value: string | undefined;
}

/** Never in a content, because nobody outside of this process knows it. */
const boundary = randomBytes(24).toString("hex");
const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
const limits = { fieldSize: Infinity };
const opening = Buffer.from(`--${boundary}\r\n`);
const emptyLine = Buffer.from("\r\n\r\n");
const closing = Buffer.from(`\r\n--${boundary}--\r\n`);

/**
 * Reads the headers of one part, with the content of a field, by busboy; `undefined` when it cannot read them.
 *
 * busboy gets a form of this single part, whole, and calls back within the call: it never sees the content of a file, and no
 * stream of it lives on.
 */
export function parsePart(block: string, content: Buffer): ParsedPart | undefined {
  let part: ParsedPart | undefined;
  const parser = busboy({ headers, defParamCharset: "utf8", preservePath: true, limits });
  parser.on("file", (field: string | undefined, _content: Readable, { filename, mimeType, encoding }: FileInfo) => {
    part = { kind: "file", field, fileName: filename, type: mimeType, encoding, value: undefined };
  });
  parser.on("field", (field: string | undefined, value: string | undefined, { mimeType, encoding }: FieldInfo) => {
    part = { kind: "field", field, fileName: undefined, type: mimeType, encoding, value };
  });
  parser.on("error", () => undefined);
  parser.write(Buffer.concat([opening, Buffer.from(block, "latin1"), emptyLine, content, closing]));
  return part;
}
