import { createHash } from "node:crypto";

import { detectType } from "./detect-type.ts";
import { typeOfName } from "./extensions.ts";
import { normaliseFileName } from "./file-name.ts";
import type { UploadSettings } from "./options.ts";
import type { FieldPart, FilePart, PartQueue } from "./part-queue.ts";
import { fileTypeRefused, malformedUpload } from "./problems.ts";
import type { UploadedFile } from "./upload.ts";

/** Enough for the directory of an office document, whose parts begin one after the other; less says only that it is a zip. */
const headBytes = 16_384;

/** Filled while the upload goes through. */
export interface UploadRecord {
  first: { filename: string; type: string } | undefined;
  readonly files: UploadedFile[];
  readonly fields: Map<string, string>;
  totalBytes: number;
}

const lineBreak = Buffer.from("\r\n");

/**
 * Writes the parts anew, each file only after its first bytes have been checked.
 *
 * No header of the client is copied: field names are free of quotes and control characters, file names are normalised, types are
 * those that were found.
 *
 * @throws UploadProblem `file-type-refused` or `malformed-upload`
 */
export async function* encodeParts(
  parts: PartQueue,
  boundary: string,
  settings: UploadSettings,
  record: UploadRecord,
): AsyncGenerator<Buffer, void> {
  for (let part = await parts.next(); part !== undefined; part = await parts.next()) {
    if (part.kind === "field") yield encodeField(part, boundary, record);
    else yield* encodeFile(part, boundary, settings, record);
  }
  if (record.first === undefined) throw malformedUpload("The upload has no file.");
  yield Buffer.from(`--${boundary}--\r\n`);
}

function encodeField({ field, value, type }: FieldPart, boundary: string, record: UploadRecord): Buffer {
  if (!record.fields.has(field)) record.fields.set(field, value);
  const typeLine = type === "text/plain" ? "" : `Content-Type: ${type}\r\n`;
  return Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field}"\r\n${typeLine}\r\n${value}\r\n`);
}

async function* encodeFile(part: FilePart, boundary: string, settings: UploadSettings, record: UploadRecord): AsyncGenerator<Buffer, void> {
  const { fieldName, fileNameLength } = settings;
  if (fieldName !== undefined && part.field !== fieldName)
    throw malformedUpload(`Files must be in the field ${JSON.stringify(fieldName)}.`);
  const content: AsyncIterator<Buffer> = part.content[Symbol.asyncIterator]();
  const head = await readHead(content);
  // What a browser sends for a file input in which nothing was chosen.
  if (head.length === 0 && !part.fileName) return;

  const name = normaliseFileName(part.fileName ?? "", fileNameLength);
  const type = await acceptedType(part, name, head, settings, record.files.length + 1);
  record.first ??= { filename: name, type };
  const hash = createHash("sha256").update(head);
  let bytes = head.length;
  yield Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="${part.field}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`,
  );
  if (head.length > 0) yield head;
  for (let next = await content.next(); next.done !== true; next = await content.next()) {
    hash.update(next.value);
    bytes += next.value.length;
    yield next.value;
  }
  record.files.push({ field: part.field, name, type, bytes, sha256: hash.digest("hex") });
  yield lineBreak;
}

async function readHead(content: AsyncIterator<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  while (bytes < headBytes) {
    const next = await content.next();
    if (next.done === true) break;
    chunks.push(next.value);
    bytes += next.value.length;
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

async function acceptedType(part: FilePart, name: string, head: Buffer, settings: UploadSettings, ordinal: number): Promise<string> {
  const evidence = { head: head.subarray(0, headBytes), declared: part.declared, named: typeOfName(name) };
  const decision = await detectType(evidence, settings.allowedTypes);
  if ("refusal" in decision) throw fileTypeRefused(`File ${ordinal} ${decision.refusal}`, [...settings.allowedTypes]);
  return decision.type;
}
