/** Makes the test of a list of model names, in which `*` stands for any characters; `undefined` allows every model. */
export function modelTest(patterns: readonly string[] | undefined): (model: string | undefined) => boolean {
  if (patterns === undefined) return () => true;
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const globs = patterns.filter((pattern) => pattern.includes("*")).map((pattern) => pattern.split("*"));
  return (model) => model !== undefined && (exact.has(model) || globs.some((parts) => matches(model, parts)));
}

/** Whether the parts follow each other in the name, the first at its start and the last at its end. */
function matches(model: string, parts: readonly string[]): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (model.length < first.length + last.length || !model.startsWith(first) || !model.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = model.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= model.length - last.length;
}
