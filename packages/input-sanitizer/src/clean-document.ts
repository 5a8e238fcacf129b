import { cleanText } from "./clean-text.ts";
import type { KeywordMarks } from "./compile-schema.ts";

/** A copy of the document with the marked strings cleaned; the document itself, which others may hold, stays as it is. */
export function cleanDocument(document: unknown, { clean }: KeywordMarks): unknown {
  if (clean.isEmpty) return document;

  /** Depth is bounded by the limits, which were checked before. */
  function copy(value: unknown, holder: object | undefined, key: string | number): unknown {
    if (typeof value === "string") {
      const steps = clean.get(holder, key);
      return steps === undefined ? value : cleanText(value, steps);
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((member: unknown, index) => copy(member, value, index));
    const made = Object.create(Object.getPrototypeOf(value) === null ? null : Object.prototype) as Record<string, unknown>;
    for (const [name, member] of Object.entries(value)) made[name] = copy(member, value, name);
    return made;
  }

  return copy(document, undefined, "");
}
