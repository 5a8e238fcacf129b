/** Keywords for the sanitizer that mean nothing to a reader of the API. */
const marks: ReadonlySet<string> = new Set(["screen", "clean"]);
/** Keywords whose members are names of the document, and no keywords. */
const maps: ReadonlySet<string> = new Set(["properties", "patternProperties", "definitions", "$defs", "dependencies", "dependentSchemas"]);

/** The schema as other tools know JSON Schema. */
export function withoutMarks(schema: unknown): unknown {
  return mapSchema(schema, false);
}

function mapSchema(schema: unknown, isMap: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((member) => mapSchema(member, false));
  if (typeof schema !== "object" || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key]) => isMap || !marks.has(key));
  return Object.fromEntries(kept.map(([key, value]: [string, unknown]) => [key, mapSchema(value, !isMap && maps.has(key))]));
}
