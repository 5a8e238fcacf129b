import { Ajv, type ErrorObject, type FuncKeywordDefinition } from "ajv";

import { type CleanSteps, cleanSchema, mergeSteps } from "./clean-text.ts";
import type { JSONSchema } from "./options.ts";
import type { InputLocation } from "./place.ts";
import { SchemaMarks } from "./schema-marks.ts";
import { type ScreenProfile, screenProfiles } from "./screening/screen.ts";

/** What the keywords `screen` and `clean` said about the strings of one document. */
export class KeywordMarks {
  /** Where several schemas meet in one string, the strictest profile wins. */
  readonly screen = new SchemaMarks<ScreenProfile>((known, added) =>
    screenProfiles.indexOf(added) < screenProfiles.indexOf(known) ? added : known,
  );
  readonly clean = new SchemaMarks<CleanSteps>(mergeSteps);
}

/** Validates a document, collects marks on the way, and returns what ajv has to say. */
type Validator = (document: unknown, marks: KeywordMarks) => readonly ErrorObject[];

/** A validator and whether the schema has the keyword `clean` anywhere. */
export interface CompiledSchema {
  readonly validate: Validator;
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
  let cleans = false;
  try {
    const validate = makeAjv(() => (cleans = true)).compile(structuredClone(schema));
    return { cleans, validate: (document, marks) => (validate.call(marks, document) ? [] : (validate.errors ?? [])) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TypeError(`@aivillage/input-sanitizer: option \`${option}\` must be a valid JSON Schema (draft-07, strict): ${reason}`, {
      cause: error,
    });
  }
}

/** What ajv tells a keyword about the place of a value. */
interface Place {
  parentData?: object;
  parentDataProperty?: string | number;
}

/** `"strict"`, `"prose"`, or `{ "off": "why" }`: nobody finds out later why a field was left out, unless it is said. */
type ScreenKeyword = ScreenProfile | { off: string };

function makeAjv(onClean: () => void): Ajv {
  // ownProperties: `required: ["toString"]` must not be met by Object.prototype.
  const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true, ownProperties: true, passContext: true, logger: false });
  ajv.addKeyword(
    keyword("screen", { anyOf: [{ enum: ["strict", "prose"] }, reasonSchema] }, (given: ScreenKeyword) => {
      const profile = typeof given === "string" ? given : "off";
      return (marks, holder, key) => marks.screen.set(holder, key, profile);
    }),
  );
  ajv.addKeyword(
    keyword("clean", cleanSchema, (steps: CleanSteps) => {
      onClean();
      return (marks, holder, key) => marks.clean.set(holder, key, steps);
    }),
  );
  return ajv;
}

const reasonSchema = {
  type: "object",
  additionalProperties: false,
  required: ["off"],
  properties: { off: { type: "string", minLength: 1 } },
};

type Marker = (marks: KeywordMarks, holder: object | undefined, key: string | number) => void;

function keyword(name: string, metaSchema: object, compile: (given: never) => Marker): FuncKeywordDefinition {
  return {
    keyword: name,
    type: "string",
    schemaType: ["string", "object"],
    metaSchema,
    errors: false,
    compile: (given: unknown) => {
      const put = compile(given as never);
      return function mark(this: KeywordMarks, _text: string, place?: Place): true {
        put(this, place?.parentData, place?.parentData === undefined ? "" : (place.parentDataProperty ?? ""));
        return true;
      };
    },
  };
}
