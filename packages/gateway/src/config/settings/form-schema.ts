/** The part of a JSON Schema that says in words what is expected. */
export interface FormSchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FormSchema[];
  readonly properties?: Readonly<Record<string, FormSchema>>;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** What a schema expects; completes "must be …". It is the description, if there is one. */
export function expectedOf(schema: FormSchema): string {
  if (schema.description !== undefined) return schema.description;
  if (schema.enum !== undefined) return `one of ${schema.enum.join(", ")}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "integer") return `an integer${rangeOf(schema)}`;
  if (schema.type === "number") return `a number${rangeOf(schema)}`;
  if (schema.type === "string") return `a text${countOf("characters", schema.minLength, schema.maxLength)}`;
  if (schema.type === "object") return `an object of ${Object.keys(schema.properties ?? {}).join(", ")}`;
  return `a list${countOf("entries", schema.minItems, schema.maxItems)}`;
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: FormSchema): string {
  const atMost = maximum === undefined ? "" : ` to ${maximum}`;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}${atMost.replace("to", "and at most")}`;
  if (minimum === undefined) return "";
  return maximum === undefined ? ` of at least ${minimum}` : ` from ${minimum}${atMost}`;
}

function countOf(what: string, least = 0, most?: number): string {
  if (most === undefined) return least === 0 ? "" : ` of at least ${least} ${what}`;
  return least === 0 ? ` of at most ${most} ${what}` : ` of ${least} to ${most} ${what}`;
}
