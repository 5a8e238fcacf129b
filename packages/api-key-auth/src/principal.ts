/** Who sent the request, proven by a key or a token. It is frozen and holds no secret. */
export interface Principal {
  /** `key`: an API key; `jwt`: a signed token. Two principals are the same only when `kind` and `id` are the same. */
  readonly kind: "key" | "jwt";
  /** The `id` of the key, or the claim `sub` of the token. */
  readonly id: string;
  /** Which of the keys of `id` it was, when the key has a `keyId`. */
  readonly keyId?: string;
  /** The `name` of the key, or the claim `name` of the token. */
  readonly name?: string;
  readonly tier: string;
  /** `*` stands for all. */
  readonly scopes: readonly string[];
}

type Unfrozen = Omit<Principal, "keyId" | "name"> & { readonly keyId?: string | undefined; readonly name?: string | undefined };

/** A principal that nobody can change, because requests share it. */
export function makePrincipal({ kind, id, keyId, name, tier, scopes }: Unfrozen): Principal {
  const optional = { ...(keyId !== undefined && { keyId }), ...(name !== undefined && { name }) };
  return Object.freeze({ kind, id, ...optional, tier, scopes: Object.freeze([...scopes]) });
}
