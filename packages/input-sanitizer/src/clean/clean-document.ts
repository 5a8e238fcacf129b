import type { KeywordMarks } from "../schema/keyword-marks.ts";
import { cleanText } from "./clean-text.ts";

/**
 * The document with the marked strings cleaned.
 *
 * What holds a string that changed is copied and everything else is kept: the document itself, which others may hold, stays as
 * it is, and comes back when nothing changed.
 */
export function cleanDocument(document: unknown, { clean }: KeywordMarks): unknown {
  return clean.isEmpty ? document : cleanMember(document, undefined, "", clean);
}

/** Depth is bounded by the limits, which were checked before. */
function cleanMember(value: unknown, holder: object | undefined, key: string | number, marks: KeywordMarks["clean"]): unknown {
  if (typeof value === "string") {
    const steps = marks.get(holder, key);
    return steps === undefined ? value : cleanText(value, steps);
  }
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? cleanArray(value, marks) : cleanObject(value as Record<string, unknown>, marks);
}

function cleanArray(members: readonly unknown[], marks: KeywordMarks["clean"]): readonly unknown[] {
  const cleaned = members.map((member, index) => cleanMember(member, members, index, marks));
  return cleaned.some((member, index) => member !== members[index]) ? cleaned : members;
}

function cleanObject(members: Readonly<Record<string, unknown>>, marks: KeywordMarks["clean"]): Readonly<Record<string, unknown>> {
  const entries = Object.entries(members).map(([name, member]) => [name, cleanMember(member, members, name, marks)] as const);
  if (entries.every(([name, member]) => member === members[name])) return members;
  return Object.assign(
    Object.create(Object.getPrototypeOf(members) === null ? null : Object.prototype) as object,
    Object.fromEntries(entries),
  );
}
