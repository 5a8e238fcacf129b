import { _, type CodeKeywordDefinition, type KeywordCxt } from "ajv";

import { cleanSchema } from "./clean-steps.ts";

/** `"strict"`, `"prose"`, or `{ "off": "why" }`: nobody finds out later why a field was left out, unless it is said. */
const screenSchema = {
  anyOf: [
    { enum: ["strict", "prose"] },
    { type: "object", additionalProperties: false, required: ["off"], properties: { off: { type: "string", minLength: 1 } } },
  ],
};

/** The keywords `screen` and `clean`, which put a mark on a string and are always valid; the context is a `KeywordMarks`. */
export const schemaKeywords: readonly CodeKeywordDefinition[] = [
  {
    ...marking("screen", screenSchema),
    code: ({ gen, schema, it }: KeywordCxt) => {
      const profile = typeof schema === "string" ? schema : "off";
      gen.code(_`this.screen.set(${it.parentData}, ${it.parentDataProperty}, ${profile})`);
    },
  },
  {
    ...marking("clean", cleanSchema),
    code: ({ gen, schemaValue, it }: KeywordCxt) =>
      void gen.code(_`this.clean.set(${it.parentData}, ${it.parentDataProperty}, ${schemaValue})`),
  },
];

function marking(keyword: string, metaSchema: object) {
  return { keyword, type: "string", schemaType: ["string", "object"], metaSchema } as const satisfies Partial<CodeKeywordDefinition>;
}
