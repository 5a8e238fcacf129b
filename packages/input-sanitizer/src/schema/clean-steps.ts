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

const stepValues: ReadonlyMap<string, readonly unknown[]> = new Map<string, readonly unknown[]>([
  ["html", ["text"]],
  ["unicode", ["NFC", "NFKC"]],
  ["control", ["remove"]],
  ["bidi", ["remove"]],
  ["trim", [true]],
]);

/** Whether the keyword's value names one step or more, and nothing else. */
export function isCleanValue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const steps = Object.entries(value) as [string, unknown][];
  return steps.length > 0 && steps.every(([name, given]) => stepValues.get(name)?.includes(given) === true);
}

/** The keyword's values in words; completes "must be …". */
export const cleanForms =
  'an object of one or more of { "html": "text", "unicode": "NFC" or "NFKC", "control": "remove", "bidi": "remove", "trim": true }';
