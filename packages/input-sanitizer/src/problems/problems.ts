import { HttpProblem } from "@aivillage/middleware";

import type { ValueLocation } from "./location.ts";

/** One member of `errors` in a problem document (RFC 9457, 3). */
export type ErrorDetail = ValueLocation & { readonly detail: string };

/** Where in a value a finding is, in UTF-16 code units, and which rule made it. */
export type RefusalDetail = ErrorDetail & { readonly rule: string; readonly offset: number; readonly length: number };

/** How many errors a problem document lists at most. */
export const maxErrors = 20;

export function malformedJson(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, type: "malformed-json", title: "Malformed JSON", detail });
}

export function malformedQuery(detail: string): HttpProblem {
  return new HttpProblem({ status: 400, type: "malformed-query", title: "Malformed query string", detail });
}

export function malformedInput(error: ErrorDetail): HttpProblem {
  return new HttpProblem({
    status: 400,
    type: "malformed-input",
    title: "Malformed input",
    detail: "Text must be well-formed Unicode without the NUL character.",
    extensions: { errors: [error] },
  });
}

export function forbiddenKey(at: ValueLocation): HttpProblem {
  return new HttpProblem({
    status: 400,
    type: "forbidden-key",
    title: "Forbidden key",
    detail: "A key changes prototypes or is a database operator. Rename or remove it.",
    extensions: { errors: [{ detail: "this key is not allowed", ...at }] },
  });
}

export function tooComplex(detail: string, at?: ValueLocation): HttpProblem {
  return new HttpProblem({
    status: 422,
    type: "input-too-complex",
    title: "Input too complex",
    detail: `The input has ${detail}. Send less at once.`,
    extensions: at === undefined ? {} : { errors: [{ detail, ...at }] },
  });
}

export function invalidInput(errors: readonly ErrorDetail[]): HttpProblem {
  return new HttpProblem({
    status: 422,
    type: "invalid-input",
    title: "Invalid input",
    detail: "The input does not match its schema. See `errors` for details.",
    extensions: { errors },
  });
}

/** @param errors at least one */
export function refusedInput(errors: readonly RefusalDetail[]): HttpProblem {
  const [first] = errors;
  const more = errors.length > 1 ? " See `errors` for everything that was found." : "";
  return new HttpProblem({
    status: 422,
    type: "input-refused",
    title: "Input refused",
    detail: `${first === undefined ? "The input looks like an attack." : describe(first)} Reword or remove that part and send the request again.${more}`,
    extensions: { errors },
  });
}

/** Such as: The text at #/query looks like SQL injection (sqli/condition, characters 4 to 12). */
function describe(error: RefusalDetail): string {
  const { detail, rule, offset, length } = error;
  return `The ${nameOf(error)} ${detail} (${rule}, characters ${offset} to ${offset + length}).`;
}

function nameOf(at: ValueLocation): string {
  if ("pointer" in at) return `text at ${at.pointer}`;
  return "header" in at ? `header "${at.header}"` : `parameter "${at.parameter}"`;
}

export function unsupportedMediaType(detail: string, headers: Readonly<Record<string, string>>): HttpProblem {
  return new HttpProblem({ status: 415, type: "unsupported-media-type", title: "Unsupported media type", detail, headers });
}

/** The rest of the body stays unread, so the connection cannot carry another request. */
const closing = { Connection: "close" };

export function payloadTooLarge(maxBytes: number): HttpProblem {
  const detail = `The body may have at most ${maxBytes} bytes.`;
  return new HttpProblem({
    status: 413,
    type: "payload-too-large",
    title: "Payload too large",
    detail,
    headers: closing,
    extensions: { limit_bytes: maxBytes },
  });
}

export function requestTimeout(timeoutMs: number): HttpProblem {
  const detail = `The body did not arrive within ${timeoutMs} ms.`;
  return new HttpProblem({ status: 408, type: "request-timeout", title: "Request timeout", detail, headers: closing });
}
