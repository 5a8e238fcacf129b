import { malformedUpload } from "../problems.ts";

/** Blanks are a part of the value: a separate expression for them would try each of them as the first sign of the value. */
const line = /^([A-Za-z][A-Za-z0-9-]*):([\t\x20-\x7e\x80-\xff]*)$/;
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+[ \t]*(?:;|$)/;

/**
 * Checks the header block of one part and returns whether it has a Content-Type.
 *
 * Stricter than the parser: a part that it would pass over in silence, or read in one of two ways, is refused.
 *
 * @throws UploadProblem `malformed-upload`
 */
export function checkPartHeaders(block: string, maxPairs: number): boolean {
  const lines = block.split("\r\n");
  if (lines.length > maxPairs) throw malformedUpload(`A part has more than ${maxPairs} header lines.`);
  const seen = new Map<string, string>();
  for (const text of lines) {
    const [, name = "", value = ""] = line.exec(text) ?? [];
    if (name === "") throw malformedUpload("A part has a header line that is none (RFC 7578, 4.8; RFC 5322).");
    if (seen.has(name.toLowerCase())) throw malformedUpload("A part has a header twice.");
    seen.set(name.toLowerCase(), value.replace(/^[ \t]+/, ""));
  }
  if (!/^form-data[ \t]*;/i.test(seen.get("content-disposition") ?? "")) {
    throw malformedUpload("A part has no `Content-Disposition: form-data; name=…` (RFC 7578, 4.2).");
  }
  const type = seen.get("content-type");
  if (type !== undefined && !mediaType.test(type)) throw malformedUpload("A part has a Content-Type that is none.");
  return type !== undefined;
}
