const prototypeKeys = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Whether a field name can be handed on without meaning anything else to whoever reads it.
 *
 * Quotes, backslashes and control characters are read differently by different parsers, and a segment such as `__proto__` in
 * `a[__proto__]` changes objects where names are unfolded.
 */
export function isSafeFieldName(name: string | undefined): name is string {
  if (name === undefined || !/^[^\p{Cc}"\\]+$/u.test(name)) return false;
  return !name.split(/[.[\]]/).some((segment) => prototypeKeys.has(segment));
}
