import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";

/**
 * How a setting is read from text and checked. `coerce` leaves text that it does not understand as it is, so that `validate`
 * sees what the operator wrote; convict's own formats would make 80 of `80O0` and false of `yes`.
 */
export interface Format {
  /** Completes "must be …". */
  readonly expected: string;
  readonly coerce: (text: string) => unknown;
  readonly accepts: (value: unknown) => boolean;
  /** What an editor should take in the YAML file. */
  readonly schema: object;
}

/** The schemas are ours: to compile the schema of schemas, which would check them, costs more than all of them. */
const ajv = new Ajv({ allErrors: true, meta: false, validateSchema: false });

/** A format of lists and mappings, which only a YAML file can hold. It tells each fault with its place. */
export interface StructuredFormat extends Format {
  readonly faults: (value: unknown) => readonly string[];
}

/** Makes the format of values that a JSON Schema describes. */
export function structured(schema: object): StructuredFormat {
  let validate: ValidateFunction | undefined;
  const faults = (value: unknown): readonly string[] => {
    // The default is sound, and costs no compilation.
    if (Array.isArray(value) && value.length === 0) return [];
    validate ??= ajv.compile(schema);
    return validate(value) ? [] : (validate.errors ?? []).map(describeFault);
  };
  const accepts = (value: unknown): boolean => faults(value).length === 0;
  return { expected: "a list as docs/configuration.md describes it", coerce: (text) => text, accepts, schema, faults };
}

/** Such as "[0].methods[1] must be one of GET, POST". */
function describeFault({ instancePath, message = "is not as expected", params, keyword }: ErrorObject): string {
  const place = instancePath.replaceAll(/\/(\d+)/g, "[$1]").replaceAll(/\/([^/[]+)/g, ".$1");
  const { additionalProperty, allowedValues } = params as { additionalProperty?: string; allowedValues?: unknown[] };
  if (keyword === "additionalProperties")
    return `${place}.${additionalProperty} is unknown: remove it; docs/configuration.md lists the keys`;
  if (keyword === "enum") return `${place} must be one of ${allowedValues?.join(", ")}`;
  return `${place} ${message}`;
}
