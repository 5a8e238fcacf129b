/** What the keyword `clean` does to a string, in this order. */
export interface CleanSteps {
  /** `"text"`: tags go, entities are decoded, script and style go with their content. */
  html?: "text";
  /** Unicode normalisation (UAX #15). */
  unicode?: "NFC" | "NFKC";
  /** Control characters go, except tab, line feed and carriage return. */
  control?: "remove";
  /** Characters that change the direction of text, and invisible ones, go (Unicode TR #36). */
  bidi?: "remove";
  /** White space at both ends goes. */
  trim?: true;
}

/** JSON Schema of the keyword's value. */
export const cleanSchema = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: {
    html: { const: "text" },
    unicode: { enum: ["NFC", "NFKC"] },
    control: { const: "remove" },
    bidi: { const: "remove" },
    trim: { const: true },
  },
};

/** The keyword's values in words; completes "must be …". */
export const cleanForms =
  'an object of one or more of { "html": "text", "unicode": "NFC" or "NFKC", "control": "remove", "bidi": "remove", "trim": true }';
