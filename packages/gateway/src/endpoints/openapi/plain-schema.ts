/** Keywords that tell the sanitizer what to do, and a reader of the API nothing. */
const marks: ReadonlySet<string> = new Set(["screen", "clean"]);

/** The schema as other tools know JSON Schema. */
export function withoutMarks(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutMarks);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]: [string, unknown]) => (isMark(key, value) ? [] : [[key, withoutMarks(value)]])),
  );
}

/** A property may be called like a mark; its value is then a schema. */
function isMark(key: string, value: unknown): boolean {
  return marks.has(key) && (typeof value === "string" || Array.isArray(value));
}
