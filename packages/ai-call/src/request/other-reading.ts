import { normalisedName } from "./member-roles.ts";

const otherForm = /^\s*(?:application\/x-www-form-urlencoded|multipart\/)/i;

/**
 * Whether a backend that goes by this `Content-Type` reads the bytes of a JSON text as something else: as a form, or by a charset such as UTF-7,
 * in which other characters end a string.
 */
export function hasOtherReading(contentType: string): boolean {
  return otherForm.test(contentType) || contentType.split(";").slice(1).some(isOtherCharset);
}

function isOtherCharset(parameter: string): boolean {
  const [name = "", ...value] = parameter.toLowerCase().split("=");
  // `charset*` is the same parameter in another notation (RFC 2231).
  if (!name.trim().startsWith("charset")) return false;
  return !/^"?utf-?8"?$/.test(value.join("=").trim());
}

/** Whether the query has a parameter of this name, which some routers of models prefer to the member of the body. */
export function isNamedInQuery(url: string, name: string): boolean {
  const start = url.indexOf("?");
  if (start === -1) return false;
  return [...new URLSearchParams(url.slice(start + 1)).keys()].some((key) => normalisedName(key) === normalisedName(name));
}
