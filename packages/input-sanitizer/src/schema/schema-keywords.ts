import { _, type CodeKeywordDefinition, type KeywordCxt } from "ajv";

import { cleanForms, cleanSchema } from "./clean-steps.ts";
import { screenForms, screenSchema, toMarkIndex } from "./screen-mark.ts";

/** The keywords `screen` and `clean`, which put a mark on a value and are always valid; the context is a `KeywordMarks`. */
export const schemaKeywords: readonly CodeKeywordDefinition[] = [
  {
    keyword: "screen",
    type: ["string", "array", "object"],
    schemaType: ["string", "object"],
    metaSchema: screenSchema,
    code: ({ gen, schema, data, it }: KeywordCxt) => {
      gen.code(_`this.setScreen(${it.parentData}, ${it.parentDataProperty}, ${data}, ${toMarkIndex(schema)})`);
    },
  },
  {
    keyword: "clean",
    type: "string",
    schemaType: "object",
    metaSchema: cleanSchema,
    code: ({ gen, schemaValue, it }: KeywordCxt) =>
      void gen.code(_`this.clean.set(${it.parentData}, ${it.parentDataProperty}, ${schemaValue})`),
  },
];

/** Names the allowed values where ajv lists the errors of each alternative. Any other message is returned unchanged. */
export function withKeywordForms(message: string): string {
  const [, start, keyword] = /^(keyword "(screen|clean)" value is invalid at path "[^]*?": )data/.exec(message) ?? [];
  if (start === undefined) return message;
  return `${start}it must be ${keyword === "screen" ? screenForms : cleanForms}`;
}
