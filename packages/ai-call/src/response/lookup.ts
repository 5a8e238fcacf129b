import type { MemberPath } from "../dialects/dialect.ts";

/** All values at a path, in their order. */
export function valuesAt(document: unknown, path: MemberPath): readonly unknown[] {
  const [name, ...rest] = path;
  if (name === undefined) return document === undefined || document === null ? [] : [document];
  if (name === "*") return Array.isArray(document) ? document.flatMap((element: unknown) => valuesAt(element, rest)) : [];
  if (typeof document !== "object" || document === null || !Object.hasOwn(document, name)) return [];
  return valuesAt((document as Record<string, unknown>)[name], rest);
}

/** The first value at the first path that has one. */
export function firstAt(document: unknown, paths: readonly MemberPath[]): unknown {
  for (const path of paths) {
    const [value] = valuesAt(document, path);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The texts at the first path that has one. */
export function firstTexts(document: unknown, paths: readonly MemberPath[]): readonly string[] {
  for (const path of paths) {
    const texts = valuesAt(document, path).filter((value): value is string => typeof value === "string" && value !== "");
    if (texts.length > 0) return texts;
  }
  return [];
}
