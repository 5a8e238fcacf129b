import { type Hit, Hits } from "./finding.ts";

/**
 * A form that is an attack wherever it stands: rule, score, and the form, matched with bounded look ahead. Every match contains
 * one of the hints, which are in lower case; without any of them in the text the form is not tried.
 */
export type Form = readonly [rule: string, score: number, form: RegExp, hints?: readonly string[]];

/** Adds the first match of each form. */
export function addForms(text: string, forms: readonly Form[], hits: Hits): void {
  const lower = lowerCase(text);
  for (const [rule, score, form, hints] of forms) {
    if (hints !== undefined && !includesAny(lower, hints)) continue;
    const match = form.exec(text);
    if (match !== null) hits.add(rule, score, match.index, match.index + match[0].length);
  }
}

/** The last text and its lower case, for several recognisers look at one text in turn. */
let last = "";
let lastLower = "";

/** To be called when a text has been screened: nothing of it is held longer. */
export function forgetText(): void {
  last = "";
  lastLower = "";
}

function lowerCase(text: string): string {
  if (text === last) return lastLower;
  last = text;
  lastLower = text.toLowerCase();
  return lastLower;
}

export function includesAny(lower: string, hints: readonly string[]): boolean {
  for (const hint of hints) if (lower.includes(hint)) return true;
  return false;
}

/** Makes a recogniser that consists of forms only. */
export function formRecogniser(forms: readonly Form[]): (text: string) => Hit[] {
  return (text) => {
    const hits = new Hits();
    addForms(text, forms, hits);
    return hits.list();
  };
}
