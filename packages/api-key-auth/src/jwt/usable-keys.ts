import { createPublicKey, type JsonWebKey } from "node:crypto";

/** The algorithms of tokens that are verified by public keys. A key fits exactly one of them (RFC 8725, 3.1). */
export const publicKeyAlgorithms = ["RS256", "ES256", "EdDSA"];

const mostKeys = 100;
const fewestModulusBits = 2_048;

/** A member of a JWK Set that verifies tokens. */
export type UsableKey = JsonWebKey & { readonly alg: string };

/**
 * The keys of a JWK Set (RFC 7517) that verify tokens, each pinned to its algorithm. Those of other kinds and for other uses, weak and
 * broken ones and private ones are left out.
 *
 * @throws Error when the text is no JWK Set, or has no such key
 */
export function usableKeys(text: string): UsableKey[] {
  const keys = readKeys(text).slice(0, mostKeys).flatMap(toUsableKey);
  if (keys.length > 0) return keys;
  throw new Error(`the JWK Set has no public key for ${publicKeyAlgorithms.join(", ")}`);
}

/** The names (`kid`) of all keys of a JWK Set, those that verify no tokens too. */
export function keyIds(text: string): string[] {
  const named = readKeys(text).slice(0, mostKeys) as ({ readonly kid?: unknown } | null)[];
  return named.flatMap((key) => (typeof key?.kid === "string" ? [key.kid] : []));
}

function readKeys(text: string): unknown[] {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    if (Array.isArray(keys)) return keys;
  } catch {
    // The error of JSON.parse() quotes the text.
  }
  throw new Error("what was loaded is no JWK Set (RFC 7517)");
}

function toUsableKey(member: unknown): UsableKey[] {
  if (typeof member !== "object" || member === null) return [];
  const jwk = member as JsonWebKey & { use?: unknown; alg?: unknown };
  const alg = algorithmOf(jwk);
  const isForTokens = (jwk.use === undefined || jwk.use === "sig") && (jwk.alg === undefined || jwk.alg === alg);
  if (alg === undefined || !isForTokens || jwk.d !== undefined || !isStrong(jwk)) return [];
  return [{ ...jwk, alg }];
}

function algorithmOf({ kty, crv }: JsonWebKey): string | undefined {
  if (kty === "RSA") return "RS256";
  if (kty === "EC" && crv === "P-256") return "ES256";
  return kty === "OKP" && crv === "Ed25519" ? "EdDSA" : undefined;
}

function isStrong(jwk: JsonWebKey): boolean {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk, format: "jwk" });
    return (asymmetricKeyDetails?.modulusLength ?? fewestModulusBits) >= fewestModulusBits;
  } catch {
    return false;
  }
}
