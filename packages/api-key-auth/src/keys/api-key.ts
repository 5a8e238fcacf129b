import { addressList, option, optionError, readOptions } from "@aivillage/middleware";

import { budgetsExpected, isListOfBudgets, type KeyBudget } from "../key-budget.ts";
import { packageName } from "../package-name.ts";
import { makePrincipal, type Principal } from "../principal.ts";
import { isListOfScopes, scopesExpected } from "../scopes.ts";
import { instantExpected, isInstant, toMs } from "./instant.ts";
import { readDigest } from "./key-digest.ts";

/** One API key. Give either `secret` or `sha256`. */
export interface ApiKey {
  /** The owner of the key; not secret. Keys that overlap during a rotation may share it. */
  id: string;
  /** Distinguishes the keys of one `id`, in logs and lists; not secret. `createApiKey()` makes one. Default: none. */
  keyId?: string;
  /** The key as the client sends it: letters, digits and `-._~+/`, perhaps `=` at the end. Only its digest is kept. */
  secret?: string;
  /** SHA-256 of the key, as 64 hex digits. */
  sha256?: string;
  /** For logs and people. Default: none. */
  name?: string;
  /** What the client is entitled to, for rate limits. Default `authenticated`. */
  tier?: string;
  /** The organisation that the client belongs to, for budgets that its clients share. Default: none. */
  tenant?: string;
  /** How much of budgets the client may use, in place of the limits that others have. Default: as others. */
  budgets?: readonly KeyBudget[];
  /** What the client may do; `*` stands for all. Default `["*"]`. */
  scopes?: readonly string[];
  /** Refused before this instant: a `Date`, or ISO 8601 with `Z` or an offset. Default: valid at once. */
  notBefore?: Date | string;
  /** Refused from this instant on; same forms. Default: never. */
  expiresAt?: Date | string;
  /** Where it may be used from: IP addresses, CIDR ranges, and the names `loopback`, `linklocal` and `private`; see the option `clientIp`. Default: from everywhere. */
  addresses?: readonly string[];
  /** `true`: refused, and reported to the operator as `revoked` instead of `unknown`. Default `false`. */
  revoked?: boolean;
}

/** A key as it is kept: what it proves, when and where, and the digest to recognise it by. */
export interface KeyRecord {
  readonly digest: string;
  /** The characters of `digest`. */
  readonly digestBytes: Buffer;
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
  /** Whether it may be used from an address. */
  readonly allowsAddress: ((address: string | undefined) => boolean) | undefined;
  readonly revoked: boolean;
  readonly principal: Principal;
}

const anything = (): boolean => true;
/** An empty list would close the key for good. */
const isFilledArray = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
const addressesExpected = "a list of IP addresses, CIDR ranges and names, such as 192.0.2.7, 2001:db8::/32 and private";
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const rules = {
  id: option.string(""),
  keyId: option.custom<string | undefined>("a non-empty string", undefined, isText),
  // Checked by readDigest(), whose errors do not show what came.
  secret: option.custom<string | undefined>("", undefined, anything),
  sha256: option.custom<string | undefined>("", undefined, anything),
  name: option.custom<string | undefined>("a non-empty string", undefined, isText),
  tier: option.string("authenticated"),
  tenant: option.custom<string | undefined>("a non-empty string", undefined, isText),
  budgets: option.custom<readonly KeyBudget[] | undefined>(budgetsExpected, undefined, isListOfBudgets),
  scopes: option.custom<readonly string[]>(scopesExpected, ["*"], isListOfScopes),
  notBefore: option.custom<Date | string>(instantExpected, new Date(-8.64e15), isInstant),
  expiresAt: option.custom<Date | string>(instantExpected, new Date(8.64e15), isInstant),
  addresses: option.custom<readonly string[] | undefined>(addressesExpected, undefined, isFilledArray),
  revoked: option.boolean(false),
};

/** Checks a key and reduces it to its record; `path` names it in errors, which never hold a secret. */
export function readApiKey(key: ApiKey, path: string): KeyRecord {
  const { id, keyId, name, tier, tenant, budgets, scopes, secret, sha256, notBefore, expiresAt, addresses, revoked } = readOptions(
    packageName,
    key,
    rules,
    path,
  );
  if (id === "") throw optionError(packageName, `${path}.id`, "a non-empty string", undefined);
  const notBeforeMs = toMs(notBefore);
  const expiresAtMs = toMs(expiresAt);
  if (expiresAtMs <= notBeforeMs) throw optionError(packageName, `${path}.expiresAt`, "later than `notBefore`", expiresAt);
  const digest = readDigest(secret, sha256, path);
  return {
    digest,
    digestBytes: Buffer.from(digest, "latin1"),
    notBeforeMs,
    expiresAtMs,
    allowsAddress: addresses && addressList(packageName, `${path}.addresses`, addresses),
    revoked,
    principal: makePrincipal({ kind: "key", id, keyId, name, tier, tenant, budgets, scopes }),
  };
}
