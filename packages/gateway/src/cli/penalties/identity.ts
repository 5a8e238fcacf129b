/** Who is penalised, from the key that `clientKey()` makes. An address has no spaces, the subject of a token may have some. */
export function readIdentity(key: string): { readonly address: string; readonly principal: string | undefined } {
  const space = key.lastIndexOf(" ");
  return { address: key.slice(space + 1), principal: space === -1 ? undefined : key.slice(0, space) };
}
