/** Longer tokens are refused before anything is computed from them. */
export const longestToken = 4096;

/** `b64token` of RFC 6750, 2.1. */
const tokenForm = /^[\w\-.~+/]+=*$/;

export function isTokenForm(token: string): boolean {
  return token.length <= longestToken && tokenForm.test(token);
}
