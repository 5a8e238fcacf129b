import { option, optionError, readOptions } from "@aivillage/middleware";

import { instantExpected, isInstant, toMs } from "./instant.ts";
import { readDigest } from "./key-digest.ts";
import { packageName } from "./package-name.ts";
import { makePrincipal, type Principal } from "./principal.ts";
import { isListOfScopes, scopesExpected } from "./scopes.ts";

/** One API key. Give either `secret` or `sha256`. */
export interface ApiKey {
  /** Who it belongs to; not secret. Keys that overlap during a rotation may share it. */
  id: string;
  /** The key as the client sends it: letters, digits and `-._~+/`, perhaps `=` at the end. Only its digest is kept. */
  secret?: string;
  /** SHA-256 of the key, as 64 hex digits. */
  sha256?: string;
  /** For logs and people. Default: none. */
  name?: string;
  /** What the client is entitled to, for rate limits. Default `authenticated`. */
  tier?: string;
  /** What the client may do; `*` stands for all. Default `["*"]`. */
  scopes?: readonly string[];
  /** Refused before this instant: a `Date`, or ISO 8601 with `Z` or an offset. Default: valid at once. */
  notBefore?: Date | string;
  /** Refused from this instant on; same forms. Default: never. */
  expiresAt?: Date | string;
}

/** A key as it is kept: what it proves, when, and the digest to recognise it by. */
export interface KeyRecord {
  readonly digest: string;
  readonly digestBytes: Buffer;
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
  readonly principal: Principal;
}

const anything = (): boolean => true;

/** Checks a key and reduces it to its record; `path` names it in errors, which never hold a secret. */
export function readApiKey(key: ApiKey, path: string): KeyRecord {
  const { id, name, tier, scopes, secret, sha256, notBefore, expiresAt } = readOptions(
    packageName,
    key,
    {
      id: option.string(""),
      // Checked by readDigest(), whose errors do not show what came.
      secret: option.custom<string | undefined>("", undefined, anything),
      sha256: option.custom<string | undefined>("", undefined, anything),
      name: option.custom<string | undefined>("a non-empty string", undefined, (value) => typeof value === "string" && value !== ""),
      tier: option.string("authenticated"),
      scopes: option.custom<readonly string[]>(scopesExpected, ["*"], isListOfScopes),
      notBefore: option.custom<Date | string>(instantExpected, new Date(-8.64e15), isInstant),
      expiresAt: option.custom<Date | string>(instantExpected, new Date(8.64e15), isInstant),
    },
    path,
  );
  if (id === "") throw optionError(packageName, `${path}.id`, "a non-empty string", undefined);
  const notBeforeMs = toMs(notBefore);
  const expiresAtMs = toMs(expiresAt);
  if (expiresAtMs <= notBeforeMs) throw optionError(packageName, `${path}.expiresAt`, "later than `notBefore`", expiresAt);
  const principal = makePrincipal({ kind: "key", id, name, tier, scopes });
  const digest = readDigest(secret, sha256, path);
  return { digest, digestBytes: Buffer.from(digest, "hex"), notBeforeMs, expiresAtMs, principal };
}
