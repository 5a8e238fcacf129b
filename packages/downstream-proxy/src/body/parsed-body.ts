/** A body that a body parser has read, ready to be sent again. */
export interface ParsedBody {
  readonly body: Buffer | string;
  readonly contentType: string;
}

/**
 * Serialises what a body parser left in `req.body`; `undefined` if that is not possible without loss.
 *
 * A `Buffer` or string is sent unchanged, a JSON value as JSON, flat form fields as a form. Multipart is not supported, because its files
 * are not in `req.body`.
 */
export function parsedBody(body: unknown, contentType = "application/octet-stream"): ParsedBody | undefined {
  if (Buffer.isBuffer(body)) return { body, contentType };
  const mediaType = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (typeof body === "string") return { body, contentType: `${mediaType}; charset=utf-8` };
  if (body === undefined) return undefined;
  if (/[/+]json$/.test(mediaType)) return { body: JSON.stringify(body), contentType: mediaType };
  if (mediaType === "application/x-www-form-urlencoded") return formBody(body, mediaType);
  return undefined;
}

function formBody(body: unknown, contentType: string): ParsedBody | undefined {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(Object(body) as Record<string, unknown>)) {
    for (const entry of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof entry !== "string") return undefined;
      form.append(name, entry);
    }
  }
  return { body: form.toString(), contentType };
}
