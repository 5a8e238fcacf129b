import type { CleanSteps } from "../schema/clean-steps.ts";
import { htmlToText } from "./html-to-text.ts";

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
