/** A group of related headers: one row of a table. */
export interface HeaderGroup {
  /** What the headers claim or do. */
  readonly group: string;
  /** The software that trusts or obeys them. */
  readonly source: string;
  /** Names in lower case; one that ends in `-*` stands for every name with that prefix. */
  readonly names: readonly string[];
}

/** The words of a text, for tables that would otherwise need one line per name. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** The syntax of a pattern: a header name, or a prefix that ends in a dash, and `*`. */
export const headerPattern = /^[a-z\d]+(?:-[a-z\d]+)*(?:-\*)?$/i;

/**
 * Makes a function that returns whether a name, in lower case, matches one of the patterns.
 *
 * It looks up the name, then each of its prefixes that end in a dash, so its cost does not grow with the number of patterns.
 */
export function headerMatcher(patterns: Iterable<string>): (name: string) => boolean {
  const exact = new Set<string>();
  const prefixes = new Set<string>();
  for (const pattern of patterns) {
    const name = pattern.toLowerCase();
    if (name.endsWith("-*")) prefixes.add(name.slice(0, -1));
    else exact.add(name);
  }
  return (name) => exact.has(name) || hasPrefix(name, prefixes);
}

function hasPrefix(name: string, prefixes: ReadonlySet<string>): boolean {
  if (prefixes.size === 0) return false;
  for (let dash = name.indexOf("-"); dash !== -1; dash = name.indexOf("-", dash + 1)) {
    if (prefixes.has(name.slice(0, dash + 1))) return true;
  }
  return false;
}
