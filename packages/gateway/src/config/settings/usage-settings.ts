import type { BudgetConfig, PriceConfig } from "./budget-config.ts";

/** How much clients may use on AI routes. */
export interface BudgetSettings {
  /** The budgets; a call needs room in all that apply. */
  limits: BudgetConfig[];
  /** What becomes of a stream whose budget ends. */
  onEnd: "cut" | "finish";
  /** File that keeps budgets over a restart, without Redis; empty for none. */
  journal: string;
  /** Where to report a budget that is nearly or fully spent. */
  webhook: {
    /** Where messages are posted; empty for nowhere. */
    url: string;
    /** File with the secret that signs them. */
    secretFile: string;
  };
}

/** Where calls of AI routes are recorded. */
export interface AuditSettings {
  /** File of the audit log; empty for none. */
  file: string;
  /** Secret for its digests; empty for plain digests. */
  key: string;
  /** What happens to calls while it cannot be written. */
  onFailure: "refuse" | "continue";
}

/** What calls cost. */
export interface PriceSettings {
  /** Code of the currency; empty without prices. */
  currency: string;
  /** Prices of a million tokens. An exact name wins; of patterns, the first. */
  models: PriceConfig[];
  /** What happens to a call of any other model where a budget counts money. */
  unknownModel: "refuse" | "free";
}
