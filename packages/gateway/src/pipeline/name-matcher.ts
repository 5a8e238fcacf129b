/** Whether a header name, in any case, is one of these names or begins as one that ends in `*` does. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  const exact = new Set(lower.filter((pattern) => !pattern.endsWith("*")));
  const beginnings = lower.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  return (name) => {
    const key = name.toLowerCase();
    return exact.has(key) || beginnings.some((beginning) => key.startsWith(beginning));
  };
}
