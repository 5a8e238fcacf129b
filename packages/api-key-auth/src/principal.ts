import { defined } from "@aivillage/middleware";

import type { KeyBudget } from "./key-budget.ts";

/** The sender of the request, proven by a key or a token. It is frozen and holds no secret. */
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
  /** The organisation that it belongs to, if the key or the claim `tenant` of the token names one. */
  readonly tenant?: string;
  /** How much of budgets it may use, if the key says so. */
  readonly budgets?: readonly KeyBudget[];
  /** `*` stands for all. */
  readonly scopes: readonly string[];
}

type Optional = "keyId" | "name" | "tenant" | "budgets";
type Unfrozen = Omit<Principal, Optional> & { readonly [Name in Optional]?: Principal[Name] | undefined };

/** A principal that nobody can change, because requests share it. */
export function makePrincipal({ kind, id, tier, scopes, budgets, ...optional }: Unfrozen): Principal {
  const limits = budgets && Object.freeze(budgets.map((budget) => Object.freeze({ ...budget })));
  return Object.freeze({ kind, id, ...defined({ ...optional, budgets: limits }), tier, scopes: Object.freeze([...scopes]) });
}
