import type { Limits } from "../options/limits.ts";
import { malformedJson } from "../problems/problems.ts";
import { locateSyntaxError } from "./locate-syntax-error.ts";
import { scanStructure } from "./scan-structure.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A parsed document, its text and bytes, and the number of keys in it, repeated ones included. */
export interface ParsedJson {
  readonly document: unknown;
  readonly text: string;
  readonly bytes: Buffer;
  readonly keys: number;
}

/**
 * Parses the bytes of a body as JSON (RFC 8259) within the limits of depth and keys.
 *
 * @throws HttpProblem 400 for what is no JSON in UTF-8, with the position and never the text; 422 at a limit
 */
export function parseJson(bytes: Uint8Array, limits: Limits): ParsedJson {
  if (bytes.length === 0) throw malformedJson("The body is empty; send a JSON value.");
  const keys = scanStructure(bytes, limits);
  const text = decode(bytes);
  if (text.startsWith("\uFEFF")) throw malformedJson("The body starts with a byte order mark; send UTF-8 without it.");
  try {
    return { document: JSON.parse(text) as unknown, text, bytes: asBuffer(bytes), keys };
  } catch {
    throw syntaxError(text);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformedJson("The body is not valid UTF-8.");
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function syntaxError(text: string): Error {
  const position = locateSyntaxError(text);
  return malformedJson(
    position === undefined
      ? "The body is not valid JSON."
      : `The body is not valid JSON at line ${position.line}, column ${position.column}.`,
  );
}
