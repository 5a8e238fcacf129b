import { Ajv, type ErrorObject } from "ajv";

import type { JSONSchema } from "./options.ts";
import type { InputLocation } from "./place.ts";
import { type ScreenProfile, screenProfiles } from "./screening/screen.ts";

/** Profiles that the keyword `screen` gave to strings: by the object or array that holds them, then by key or index. */
export class ScreenMarks {
  readonly #root = {};
  readonly #marks = new Map<object, Map<string | number, ScreenProfile>>();

  /** Where several schemas meet in one string, the strictest profile wins. */
  set(holder: object | undefined, key: string | number, profile: ScreenProfile): void {
    const byKey = this.#marks.get(holder ?? this.#root) ?? new Map<string | number, ScreenProfile>();
    this.#marks.set(holder ?? this.#root, byKey);
    const known = byKey.get(key);
    if (known === undefined || screenProfiles.indexOf(profile) < screenProfiles.indexOf(known)) byKey.set(key, profile);
  }

  get(holder: object | undefined, key: string | number): ScreenProfile | undefined {
    return this.#marks.get(holder ?? this.#root)?.get(key);
  }
}

/** Validates a document, collects marks on the way, and returns what ajv has to say. */
export type Validator = (document: unknown, marks: ScreenMarks) => readonly ErrorObject[];

/**
 * Compiles a schema with ajv in strict mode and with the keyword `screen`.
 *
 * The schema is copied: changing it later changes nothing.
 *
 * @throws TypeError for what is no valid schema
 */
export function compileSchema(schema: JSONSchema, option: InputLocation): Validator {
  try {
    const validate = makeAjv().compile(structuredClone(schema));
    return (document, marks) => (validate.call(marks, document) ? [] : (validate.errors ?? []));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TypeError(`@aivillage/input-sanitizer: option \`${option}\` must be a valid JSON Schema (draft-07, strict): ${reason}`, {
      cause: error,
    });
  }
}

function makeAjv(): Ajv {
  // ownProperties: `required: ["toString"]` must not be met by Object.prototype.
  const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true, ownProperties: true, passContext: true, logger: false });
  ajv.addKeyword({
    keyword: "screen",
    type: "string",
    schemaType: "string",
    metaSchema: { enum: screenProfiles },
    errors: false,
    compile: (profile: ScreenProfile) =>
      function mark(this: ScreenMarks, _text: string, context?: { parentData?: object; parentDataProperty?: string | number }): true {
        this.set(context?.parentData, context?.parentData === undefined ? "" : (context.parentDataProperty ?? ""), profile);
        return true;
      },
  });
  return ajv;
}
