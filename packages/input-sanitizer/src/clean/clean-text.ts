import { htmlToText } from "./html-to-text.ts";

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

// oxlint-disable-next-line no-control-regex -- control characters are the point
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const directions = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

export function cleanText(text: string, { html, unicode, control, bidi, trim }: CleanSteps): string {
  let cleaned = html === "text" ? htmlToText(text) : text;
  if (unicode !== undefined) cleaned = cleaned.normalize(unicode);
  if (control === "remove") cleaned = cleaned.replaceAll(controls, "");
  if (bidi === "remove") cleaned = cleaned.replaceAll(directions, "");
  return trim === true ? cleaned.trim() : cleaned;
}
