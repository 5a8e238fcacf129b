/** Members of JSON Schema documents, which clients of AI services send as descriptions of tools. */
const schemaKeywords = new Set(["$schema", "$id", "$ref", "$defs", "$anchor", "$comment", "$dynamicRef", "$dynamicAnchor", "$vocabulary"]);

/**
 * Whether a key can do harm by its name alone, also as a path such as `a[__proto__]` or `a.$where`.
 *
 * `__proto__` reaches the prototype of every object in careless merges, `constructor.prototype` the same by a detour, and a
 * name that starts with `$` is an operator of MongoDB-like databases.
 */
export function isForbiddenKey(key: string): boolean {
  if (key.includes("__proto__")) return true;
  if (key.includes("$") && hasOperator(key)) return true;
  return key.includes("constructor") && key.includes("prototype");
}

function hasOperator(key: string): boolean {
  if (schemaKeywords.has(key)) return false;
  for (let at = key.indexOf("$"); at !== -1; at = key.indexOf("$", at + 1)) {
    if (at === 0 || key[at - 1] === "." || key[at - 1] === "[") return true;
  }
  return false;
}

/** `{ "constructor": { "prototype": … } }`; either name alone is innocent. */
export function isConstructorDetour(key: string, value: unknown): boolean {
  return key === "constructor" && typeof value === "object" && value !== null && Object.hasOwn(value, "prototype");
}
