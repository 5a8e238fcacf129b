import { _, type CodeKeywordDefinition, type KeywordCxt } from "ajv";

import { cleanForms, isCleanValue } from "./clean-steps.ts";
import { isScreenValue, screenForms, toMarkIndex } from "./screen-mark.ts";

/**
 * The keywords `screen` and `clean`, which put a mark on a value and are always valid; the context is a `KeywordMarks`.
 *
 * Their values are checked here: a `metaSchema` would be compiled again for every schema.
 */
export const schemaKeywords: readonly CodeKeywordDefinition[] = [
  {
    keyword: "screen",
    type: ["string", "array", "object"],
    code: (cxt: KeywordCxt) => {
      const { gen, schema, data, it } = cxt;
      if (!isScreenValue(schema)) refuse(cxt, screenForms);
      gen.code(_`this.setScreen(${it.parentData}, ${it.parentDataProperty}, ${data}, ${toMarkIndex(schema)})`);
    },
  },
  {
    keyword: "clean",
    type: "string",
    code: (cxt: KeywordCxt) => {
      const { gen, schema, schemaValue, it } = cxt;
      if (!isCleanValue(schema)) refuse(cxt, cleanForms);
      gen.code(_`this.clean.set(${it.parentData}, ${it.parentDataProperty}, ${schemaValue})`);
    },
  },
];

function refuse({ keyword, it }: KeywordCxt, forms: string): never {
  throw new TypeError(`keyword "${keyword}" value is invalid at path "${it.errSchemaPath}": it must be ${forms}`);
}
