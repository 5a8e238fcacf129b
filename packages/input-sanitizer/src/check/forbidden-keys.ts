/** Members of JSON Schema documents, which clients of AI services send as descriptions of tools. */
const schemaKeywords = new Set(["$schema", "$id", "$ref", "$defs", "$anchor", "$comment", "$dynamicRef", "$dynamicAnchor", "$vocabulary"]);

/** Whether a key can do harm by its name alone, also as a path such as `a[__proto__]` or `a.$where`. */
export function isForbiddenKey(key: string): boolean {
  return changesPrototypes(key) || isOperator(key);
}

/** `__proto__` reaches the prototype of every object in careless merges, `constructor.prototype` the same by a detour. */
export function changesPrototypes(key: string): boolean {
  return key.includes("__proto__") || (key.includes("constructor") && key.includes("prototype"));
}

/** A name that starts with `$` is an operator of MongoDB-like databases. */
export function isOperator(key: string): boolean {
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

/** Length of `__proto__`; what is shorter and has word characters only is no forbidden key. */
const shortestSuspect = 9;

/** Whether a key has ASCII letters, digits and `_` only and none of the words above: most keys are so, and need no closer look. */
export function isPlainName(key: string): boolean {
  for (let at = 0; at < key.length; at += 1) if (!isWordCode(key.charCodeAt(at))) return false;
  return key.length < shortestSuspect || !(key.includes("__proto__") || key.includes("constructor"));
}

function isWordCode(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f;
}
