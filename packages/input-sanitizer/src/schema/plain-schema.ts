import { schemaKeywords } from "./schema-keywords.ts";

const marks: ReadonlySet<unknown> = new Set(schemaKeywords.map(({ keyword }) => keyword));
/** Keywords whose members are names of the document, and no keywords. */
const maps: ReadonlySet<string> = new Set(["properties", "patternProperties", "definitions", "$defs", "dependencies", "dependentSchemas"]);
/** Keywords whose values are data, or lists of names. */
const data: ReadonlySet<string> = new Set(["const", "enum", "default", "example", "examples", "dependentRequired"]);

/** A copy of a schema without the keywords `screen` and `clean`, for OpenAPI documents and other tools that do not know them. */
export function plainSchema(schema: unknown): unknown {
  return mapSchema(schema, false);
}

function mapSchema(schema: unknown, isMap: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((member) => mapSchema(member, false));
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key]) => isMap || !marks.has(key));
  const mapped = kept.map(([key, value]: [string, unknown]) => [
    key,
    !isMap && data.has(key) ? value : mapSchema(value, !isMap && maps.has(key)),
  ]);
  return Object.fromEntries(mapped);
}
