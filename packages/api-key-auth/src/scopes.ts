export const scopesExpected = "a list of scopes, each of printable ASCII without spaces, quotes and backslashes";

/** `scope-token` of RFC 6749, 3.3. */
const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

export function isListOfScopes(value: unknown): boolean {
  return Array.isArray(value) && value.every((scope) => typeof scope === "string" && scopeForm.test(scope));
}

/** Whether all that is needed is held; `*` holds everything, unless each scope must be held by its name. */
export function coversScopes(held: readonly string[], needed: readonly string[], byName = false): boolean {
  return needed.every((scope) => held.includes(scope)) || (!byName && held.includes("*"));
}
