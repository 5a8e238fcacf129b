import type { MemberPath } from "../dialects/dialect.ts";

/** All values at a path, in their order. */
export function valuesAt(document: unknown, path: MemberPath): readonly unknown[] {
  const values: unknown[] = [];
  visit(document, path, 0, (value) => void values.push(value));
  return values;
}

/** The first value at the first path that has one. */
export function firstAt(document: unknown, paths: readonly MemberPath[]): unknown {
  let found: unknown;
  for (const path of paths) {
    visit(document, path, 0, (value) => void (found ??= value));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The texts at the first path that has one. */
export function firstTexts(document: unknown, paths: readonly MemberPath[]): readonly string[] {
  const texts: string[] = [];
  for (const path of paths) {
    visit(document, path, 0, (value) => {
      if (typeof value === "string" && value !== "") texts.push(value);
    });
    if (texts.length > 0) break;
  }
  return texts;
}

/** Calls `found` with each value at a path, from its member `at` on; absent ones and `null` are none. */
function visit(value: unknown, path: MemberPath, at: number, found: (value: unknown) => void): void {
  let current = value;
  for (let index = at; index < path.length; index += 1) {
    const name = path[index] ?? "";
    if (name === "*") {
      if (!Array.isArray(current)) return;
      for (const element of current as readonly unknown[]) visit(element, path, index + 1, found);
      return;
    }
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, name)) return;
    current = (current as Record<string, unknown>)[name];
  }
  if (current !== undefined && current !== null) found(current);
}
