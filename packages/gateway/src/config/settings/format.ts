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
const ajv = new Ajv({ allErrors: true, meta: false, validateSchema: false, verbose: true, allowUnionTypes: true });

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
    return validate(value) ? [] : withoutBranches(validate.errors ?? []).map(describeFault);
  };
  const accepts = (value: unknown): boolean => faults(value).length === 0;
  return { expected: "a list as docs/configuration.md describes it", coerce: (text) => text, accepts, schema, faults };
}

/** Without the errors of single alternatives, where the schema itself describes what is expected. */
function withoutBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const described = errors.filter((error) => error.keyword === "anyOf" && descriptionOf(error) !== undefined);
  return errors.filter(
    ({ schemaPath }) =>
      !schemaPath.includes("/propertyNames/") && !described.some((error) => schemaPath.startsWith(`${error.schemaPath}/`)),
  );
}

/** What is expected, in words. An operator reads no regular expressions. */
function descriptionOf({ parentSchema }: ErrorObject): string | undefined {
  return (parentSchema as { description?: string } | undefined)?.description;
}

const describedKeywords: readonly string[] = ["pattern", "anyOf", "not", "type"];

/** Such as "[0].methods[1] must be one of GET, POST". */
function describeFault(error: ErrorObject): string {
  const { instancePath, message = "is not as expected", params, keyword } = error;
  const place = instancePath.replaceAll(/\/(\d+)/g, "[$1]").replaceAll(/\/([^/[]+)/g, ".$1");
  const { additionalProperty, allowedValues } = params as { additionalProperty?: string; allowedValues?: unknown[] };
  if (keyword === "additionalProperties")
    return `${place}.${additionalProperty} is unknown: remove it; docs/configuration.md lists the keys`;
  if (keyword === "enum") return `${place} must be one of ${allowedValues?.join(", ")}`;
  const { propertyName } = params as { propertyName?: string };
  if (keyword === "propertyNames")
    return `${place} has ${JSON.stringify(propertyName)}, which is not a header name: write one such as X-Tenant-Id`;
  const expected = describedKeywords.includes(keyword) ? descriptionOf(error) : undefined;
  return `${place} ${expected === undefined ? message : `must be ${expected}`}`;
}
