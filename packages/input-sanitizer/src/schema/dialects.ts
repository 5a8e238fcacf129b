import { Ajv, type Format, type Options } from "ajv";
import formats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";

/** The versions of JSON Schema that are understood: draft-07, for schemas that name none, and 2020-12, which is that of OpenAPI 3.1 too. */
export type Dialect = "draft-07" | "2020-12";

const of2020 = /^https:\/\/(?:json-schema\.org\/draft\/2020-12\/schema|spec\.openapis\.org\/oas\/3\.\d\/dialect\/)/;

export function dialectOf({ $schema }: Readonly<Record<string, unknown>>): Dialect {
  return typeof $schema === "string" && of2020.test($schema) ? "2020-12" : "draft-07";
}

/** Descriptions for people and generators of documents (OpenAPI 3.0 and 3.1), which say nothing about what is valid. */
const annotations = ["discriminator", "example", "externalDocs", "xml"];

/** All of ajv-formats but `regex`, which would compile expressions that clients send. */
const knownFormats = [
  "binary",
  "byte",
  "date",
  "date-time",
  "double",
  "duration",
  "email",
  "float",
  "hostname",
  "int32",
  "int64",
  "ipv4",
  "ipv6",
  "iso-date-time",
  "iso-time",
  "json-pointer",
  "json-pointer-uri-fragment",
  "password",
  "relative-json-pointer",
  "time",
  "uri",
  "uri-reference",
  "uri-template",
  "url",
  "uuid",
] as const;

/** Formats that replace those of ajv-formats. */
const ownFormats = {
  // There, any line of base64 is enough, an empty one too. Base64 has no line breaks (RFC 4648, 3.1 and 4).
  byte: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  url: linearUrl(formats.default.get("url")),
} as const;

/**
 * The same URLs in linear time: the password is left to the user before it, which may be the same characters. With it, a text of colons takes
 * the square of its length.
 */
function linearUrl(given: Format): RegExp {
  const { source, flags } = given as RegExp;
  return new RegExp(source.replace(String.raw`\S+(?::\S*)?@`, String.raw`\S+@`), flags);
}

/** An ajv for a schema of this dialect, which knows formats and the annotations of OpenAPI. */
export function makeAjv(dialect: Dialect, schema: unknown, options: Options): Ajv | Ajv2020 {
  const ajv = dialect === "2020-12" ? new Ajv2020(options) : new Ajv(options);
  formats.default(ajv, [...knownFormats]);
  for (const [name, form] of Object.entries(ownFormats)) ajv.addFormat(name, form);
  for (const keyword of [...annotations, ...extensionsIn(schema)]) ajv.addKeyword(keyword);
  return ajv;
}

/** The keywords that begin with `x-`, as OpenAPI names its extensions. A property of that name counts too, which costs nothing. */
function extensionsIn(schema: unknown, found = new Set<string>()): Set<string> {
  if (typeof schema !== "object" || schema === null) return found;
  for (const [name, member] of Object.entries(schema)) {
    if (/^x-[\w:$-]+$/.test(name)) found.add(name);
    extensionsIn(member, found);
  }
  return found;
}
