import type { Readable, Writable } from "node:stream";

import busboy, { type FieldInfo, type FileInfo, type Info } from "busboy";

import { isSafeFieldName } from "./field-name.ts";
import { canonicalType, isTextType } from "./media-types.ts";
import type { UploadSettings } from "./options.ts";
import type { PartFrames } from "./part-frames.ts";
import type { PartQueue } from "./part-queue.ts";
import { malformedUpload, payloadTooLarge, tooManyParts } from "./problems.ts";

/** RFC 7578, 4.7: nobody encodes bytes any more; to hand encoded ones on under another name would change them. */
const plainEncodings = new Set(["7bit", "8bit", "binary"]);

/**
 * Makes the writable that turns the bytes of one request into parts on the queue.
 *
 * What is wrong with them goes to `fail`, possibly several times; the parser then takes whatever still comes and must be
 * destroyed, but not before the current chunk is through.
 */
export function createPartParser(
  boundary: string,
  settings: UploadSettings,
  frames: PartFrames,
  queue: PartQueue,
  fail: (reason: unknown) => void,
): Writable {
  const { fileBytes, fieldBytes, files, fields } = settings;
  const parser = busboy({
    headers: { "content-type": `multipart/form-data; boundary="${boundary}"` },
    defParamCharset: "utf8",
    preservePath: true,
    // One byte more: busboy calls a size reached what is still within the limit.
    limits: { fileSize: fileBytes + 1, fieldSize: fieldBytes + 1, files, fields },
  });
  let seen = 0;

  parser.on("file", (field: string | undefined, content: Readable, info: FileInfo) => {
    content.on("error", () => undefined).once("limit", () => fail(payloadTooLarge("file", fileBytes)));
    const declared = frames.typed[seen] === true ? info.mimeType : undefined;
    seen += 1;
    const fault = faultOf(field, info);
    if (fault !== undefined || !isSafeFieldName(field)) return fail(malformedUpload(fault ?? badName));
    queue.push({ kind: "file", field, fileName: info.filename, declared, content });
  });
  parser.on("field", (field: string | undefined, value: string | undefined, info: FieldInfo) => {
    seen += 1;
    const fault = faultOf(field, info);
    if (fault !== undefined || !isSafeFieldName(field)) return fail(malformedUpload(fault ?? badName));
    if (!isTextType(canonicalType(info.mimeType))) return fail(malformedUpload("A part without a file name has a type that is no text."));
    if (info.valueTruncated) return fail(payloadTooLarge("field", fieldBytes));
    if (value === undefined) return fail(malformedUpload("A field has a character set that is not known; send UTF-8."));
    queue.push({ kind: "field", field, value, type: info.mimeType });
  });
  parser.on("filesLimit", () => fail(tooManyParts("files", files)));
  parser.on("fieldsLimit", () => fail(tooManyParts("fields", fields)));
  parser.on("error", () => fail(malformedUpload(frames.complete ? "A part has headers that cannot be read." : truncated)));
  parser.on("finish", () => {
    if (seen === frames.typed.length) queue.end();
    else fail(malformedUpload("A part has a Content-Disposition that cannot be read."));
  });
  return parser;
}

const badName = "A part has no field name, or one with quotes, backslashes, control characters or a prototype key.";
const truncated = "The body ends before the closing boundary, or a part has headers that cannot be read.";

function faultOf(field: string | undefined, { mimeType, encoding }: Info): string | undefined {
  if (!isSafeFieldName(field)) return badName;
  if (/^(?:multipart|message)\//.test(mimeType)) return "A part is multipart itself; send each file as a part of its own.";
  if (!plainEncodings.has(encoding.trim())) return "A part has a Content-Transfer-Encoding; send its bytes as they are.";
  return undefined;
}
