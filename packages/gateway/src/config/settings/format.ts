import { Ajv, type ValidateFunction } from "ajv";

import { formProblems } from "./form-problems.ts";
import type { FormSchema } from "./form-schema.ts";

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

/** A format of lists and mappings, which only a YAML file can hold. It reports each problem with its location. */
export interface StructuredFormat extends Format {
  readonly problems: (value: unknown) => readonly string[];
}

/**
 * Makes the format of a list that a JSON Schema describes.
 *
 * @param label the key that names an entry in errors
 */
export function structured(schema: FormSchema, label: string): StructuredFormat {
  let validate: ValidateFunction | undefined;
  const problems = (value: unknown): readonly string[] => {
    // The default is valid, and costs no compilation.
    if (Array.isArray(value) && value.length === 0) return [];
    validate ??= ajv.compile(schema);
    return validate(value) ? [] : formProblems({ value, errors: validate.errors ?? [], label });
  };
  const accepts = (value: unknown): boolean => problems(value).length === 0;
  return { expected: "a list of objects", coerce: (text) => text, accepts, schema, problems };
}
