/**
 * Makes the test of a list of names, such as those of models, in which `*` stands for any characters.
 *
 * @param patterns `undefined` allows every name, and none
 */
export function nameTest(patterns: readonly string[] | undefined): (name: string | undefined) => boolean {
  if (patterns === undefined) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const globs = patterns.filter((pattern) => pattern.includes("*")).map((pattern) => pattern.split("*"));
  return (name) => name !== undefined && (exact.has(name) || globs.some((parts) => matches(name, parts)));
}

/** Whether the parts follow each other in the name, the first at its start and the last at its end. */
function matches(name: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
