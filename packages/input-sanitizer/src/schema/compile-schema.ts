import { OptionError } from "@aivillage/middleware";
import type { ErrorObject } from "ajv";

import type { JSONSchema } from "../options/options.ts";
import { packageName } from "../package-name.ts";
import type { InputLocation } from "../problems/location.ts";
import { type Dialect, dialectOf, makeAjv } from "./dialects.ts";
import type { KeywordMarks } from "./keyword-marks.ts";
import { quickenLengths } from "./length-keywords.ts";
import { schemaKeywords } from "./schema-keywords.ts";
import { quickenUniqueItems } from "./unique-items.ts";

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
 * Compiles a schema with ajv in strict mode and with the keywords `screen` and `clean`. Formats are checked, annotations of OpenAPI ignored.
 *
 * The schema is copied: changing it later changes nothing.
 *
 * @param isChecked whether it is checked against the schema of schemas first
 * @throws TypeError for what is no valid schema; Error where the process forbids to compile schemas to functions, as ajv does
 */
export function compileSchema(schema: JSONSchema, option: InputLocation, isChecked: boolean): CompiledSchema {
  try {
    const copy = structuredClone(schema);
    if (isChecked) checkSchema(copy);
    return { validate: compile(copy, false), listErrors: compiledWhenUsed(copy), cleans: hasKeyword(copy, "clean") };
  } catch (error) {
    // By name: in a context of node:vm, such as that of Jest, the class is another one.
    if (error instanceof Error && error.name === "EvalError") throw new Error(cannotCompile, { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    const expected = "a valid JSON Schema (draft-07 or 2020-12, strict)";
    throw new OptionError({
      packageName,
      option,
      expected,
      reason: `option \`${option}\` must be ${expected}: ${reason}`,
      cause: error,
    });
  }
}

const cannotCompile =
  "@aivillage/input-sanitizer: schemas are compiled to functions, which this process forbids: start Node without --disallow-code-generation-from-strings";

const nothing: readonly ErrorObject[] = [];

/** Shared, since compiling the schema of schemas costs more time and memory than compiling what people write. */
const checkers = new Map<Dialect, ReturnType<typeof makeAjv>>();

function checkSchema(schema: JSONSchema): void {
  const dialect = dialectOf(schema);
  const checker = checkers.get(dialect) ?? makeAjv(dialect, {}, { logger: false });
  checkers.set(dialect, checker);
  // The schema of schemas of OpenAPI is not at hand; it adds annotations to that of JSON Schema.
  const { $schema, ...rest } = schema;
  void checker.validateSchema(isOpenApi($schema) ? rest : schema, true);
}

function isOpenApi($schema: unknown): boolean {
  return typeof $schema === "string" && $schema.startsWith("https://spec.openapis.org/");
}

/** Most schemas never see an error. Whether this one can be compiled is known by then. */
function compiledWhenUsed(schema: JSONSchema): Validator {
  let listErrors: Validator | undefined;
  return (document, marks) => (listErrors ??= compile(schema, true))(document, marks);
}

function compile(schema: JSONSchema, allErrors: boolean): Validator {
  // ownProperties: `required: ["toString"]` must not be met by Object.prototype.
  const common = {
    strict: true,
    // Tuples and `required` beside an `allOf`, as generators of schemas write them.
    strictRequired: false,
    strictTuples: false,
    allowUnionTypes: true,
    ownProperties: true,
    passContext: true,
    validateSchema: false,
    logger: false,
  } as const;
  const ajv = makeAjv(dialectOf(schema), schema, { ...common, allErrors });
  quickenLengths(ajv);
  quickenUniqueItems(ajv);
  for (const keyword of schemaKeywords) ajv.addKeyword(keyword);
  const validate = ajv.compile(schema);
  return (document, marks) => (validate.call(marks, document) ? nothing : (validate.errors ?? nothing));
}

/** A property of that name counts too: looking for strings to clean that are not there costs time and nothing else. */
function hasKeyword(schema: unknown, keyword: string): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  return Object.hasOwn(schema, keyword) || Object.values(schema).some((member) => hasKeyword(member, keyword));
}
