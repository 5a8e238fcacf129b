import { OptionError } from "@aivillage/middleware";
import { Ajv, type ErrorObject } from "ajv";

import type { JSONSchema } from "../options/options.ts";
import type { InputLocation } from "../problems/location.ts";
import type { KeywordMarks } from "./keyword-marks.ts";
import { schemaKeywords } from "./schema-keywords.ts";

/** Validates a document, collects marks on the way, and returns what ajv has to say. */
type Validator = (document: unknown, marks: KeywordMarks) => readonly ErrorObject[];

/** A schema in its final form. */
export interface CompiledSchema {
  /** Stops at the first error; the marks are complete when there is none. */
  readonly validate: Validator;
  /** Lists every error, which costs most where there are most; the marks are complete. */
  readonly listErrors: Validator;
  /** Whether the keyword `clean` is anywhere in the schema. */
  readonly cleans: boolean;
}

/**
 * Compiles a schema with ajv in strict mode and with the keywords `screen` and `clean`.
 *
 * The schema is copied: changing it later changes nothing.
 *
 * @throws TypeError for what is no valid schema
 */
export function compileSchema(schema: JSONSchema, option: InputLocation): CompiledSchema {
  try {
    const copy = structuredClone(schema);
    checker ??= new Ajv({ logger: false });
    void checker.validateSchema(copy, true);
    return { validate: compile(copy, false), listErrors: compiledWhenUsed(copy), cleans: hasKeyword(copy, "clean") };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const expected = "a valid JSON Schema (draft-07, strict)";
    throw new OptionError({
      packageName: "@aivillage/input-sanitizer",
      option,
      expected,
      reason: `option \`${option}\` must be ${expected}: ${reason}`,
      cause: error,
    });
  }
}

const nothing: readonly ErrorObject[] = [];

/** Shared, since compiling the schema of schemas costs more time and memory than compiling what people write. */
let checker: Ajv | undefined;

/** Most schemas never see an error. Whether this one can be compiled is known by then. */
function compiledWhenUsed(schema: JSONSchema): Validator {
  let listErrors: Validator | undefined;
  return (document, marks) => (listErrors ??= compile(schema, true))(document, marks);
}

function compile(schema: JSONSchema, allErrors: boolean): Validator {
  // ownProperties: `required: ["toString"]` must not be met by Object.prototype.
  const common = {
    strict: true,
    allowUnionTypes: true,
    ownProperties: true,
    passContext: true,
    validateSchema: false,
    logger: false,
  } as const;
  const ajv = new Ajv({ ...common, allErrors });
  for (const keyword of schemaKeywords) ajv.addKeyword(keyword);
  const validate = ajv.compile(schema);
  return (document, marks) => (validate.call(marks, document) ? nothing : (validate.errors ?? nothing));
}

/** A property of that name counts too: looking for strings to clean that are not there costs time and nothing else. */
function hasKeyword(schema: unknown, keyword: string): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  return Object.hasOwn(schema, keyword) || Object.values(schema).some((member) => hasKeyword(member, keyword));
}
