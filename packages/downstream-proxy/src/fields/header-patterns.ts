/** Headers that have one thing in common, as one row of a table. */
export interface HeaderGroup {
  /** What the headers claim or do. */
  readonly group: string;
  /** The software that believes or obeys them. */
  readonly source: string;
  /** Names in lower case; one that ends in `-*` stands for every name that begins so. */
  readonly names: readonly string[];
}

/** The words of a text, for tables that would otherwise have a line for each. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** The form of a pattern: a header name, or the beginning of one up to a dash and `*`. */
export const headerPattern = /^[a-z\d]+(?:-[a-z\d]+)*(?:-\*)?$/i;

/**
 * Makes a function that says whether a name, in lower case, matches one of the patterns.
 *
 * It looks the name up, then each of its beginnings that end in a dash, so its cost does not grow with the number of patterns.
 */
export function headerMatcher(patterns: Iterable<string>): (name: string) => boolean {
  const exact = new Set<string>();
  const beginnings = new Set<string>();
  for (const pattern of patterns) {
    const name = pattern.toLowerCase();
    if (name.endsWith("-*")) beginnings.add(name.slice(0, -1));
    else exact.add(name);
  }
  return (name) => exact.has(name) || hasBeginning(name, beginnings);
}

function hasBeginning(name: string, beginnings: ReadonlySet<string>): boolean {
  if (beginnings.size === 0) return false;
  for (let dash = name.indexOf("-"); dash !== -1; dash = name.indexOf("-", dash + 1)) {
    if (beginnings.has(name.slice(0, dash + 1))) return true;
  }
  return false;
}
