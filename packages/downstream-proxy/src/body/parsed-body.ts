import { ContentType } from "./content-type.ts";
import { formText } from "./form-text.ts";

/** A body that a body parser has read, ready to be sent again. */
export interface ParsedBody {
  readonly body: Buffer | string;
  readonly contentType: string;
}

/** What the client said about the body. */
interface Described {
  readonly "content-type"?: string | undefined;
  readonly "content-length"?: string | undefined;
  readonly "content-encoding"?: string | undefined;
}

/**
 * Serialises what a body parser left in `req.body`; `undefined` if the result could differ from what the client sent.
 *
 * A `Buffer` or string is sent unchanged, a JSON value as JSON, flat form fields as a form. Multipart is not supported, because its files
 * are not in `req.body`.
 */
export function parsedBody(body: unknown, described: Described): ParsedBody | undefined {
  const type = new ContentType(described["content-type"] ?? "application/octet-stream");
  if (Buffer.isBuffer(body)) return { body, contentType: type.text };
  if (body === undefined) return undefined;
  const sentBytes = described["content-encoding"] === undefined ? Number(described["content-length"]) : Number.NaN;
  if (type.isJson) return jsonBody(body, sentBytes, type);
  if (typeof body === "string") return textBody(body, sentBytes, type);
  return type.isForm ? formBody(body, sentBytes, type) : undefined;
}

/** A string is the text of JSON if a parser of text has read it, and a value if a parser of JSON has. */
function jsonBody(body: unknown, sentBytes: number, type: ContentType): ParsedBody | undefined {
  const json = JSON.stringify(body);
  if (typeof body !== "string") return hasUnsafeIntegers(json, body) ? undefined : { body: json, contentType: type.inUtf8 };
  if (Buffer.byteLength(body) === sentBytes) return { body, contentType: type.inUtf8 };
  if (Buffer.byteLength(json) === sentBytes || !isJson(body)) return { body: json, contentType: type.inUtf8 };
  return undefined;
}

/** A replacement character shows that bytes were lost, unless the client sent one. */
function textBody(body: string, sentBytes: number, type: ContentType): ParsedBody | undefined {
  if (body.includes("\uFFFD") && Buffer.byteLength(body) !== sentBytes) return undefined;
  return { body, contentType: type.inUtf8 };
}

function formBody(body: unknown, sentBytes: number, type: ContentType): ParsedBody | undefined {
  const text = formText(body, sentBytes);
  return text === undefined ? undefined : { body: text, contentType: type.inUtf8 };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Integers beyond 2^53 have lost digits. They have at least 16 digits or an exponent, and other values are not searched. */
function hasUnsafeIntegers(json: string, value: unknown): boolean {
  return /\d{16}|\de\+/.test(json) && isUnsafe(value);
}

function isUnsafe(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && Object.values(value).some(isUnsafe);
}
