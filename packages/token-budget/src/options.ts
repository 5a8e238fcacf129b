import type { IncomingMessage } from "node:http";

import { isPlainObject, option, optionError, readOptions, returns } from "@aivillage/middleware";

import { type Budget, readBudgets } from "./budget.ts";
import type { BudgetedCall, BudgetedUsage } from "./call.ts";
import { type Prices, tariffs } from "./money/prices.ts";
import { packageName } from "./package-name.ts";
import { type BudgetStore, isBudgetStore } from "./store.ts";

/** What is held for a call whose output nothing limits, in tokens. */
export interface UnknownMaxOptions {
  /** Held when the call begins. Default 1,024. */
  reserve?: number;
  /** Held further each time when a stream comes so near to what it holds. Default 256. */
  block?: number;
}

/** Options of `tokenBudget()`. */
export interface TokenBudgetOptions {
  /** One or more budgets. A call passes if all that apply have room, and is charged to all or none. Required. */
  budgets: readonly Budget[];
  /** The call that a request makes, such as `getAiCall`; `undefined` lets a request pass uncounted. Required. */
  call: (req: IncomingMessage) => BudgetedCall | undefined;
  /**
   * The tokens of the call up to now, and in all when the response has ended, such as `getAiProgress`. `undefined` charges what the call
   * holds, or nothing if the response is an error. Required.
   */
  usage: (req: IncomingMessage) => BudgetedUsage | undefined;
  /**
   * Whether a call has been made when its response has ended; one that has not is not charged. `(req) => !isWaiting(req)` of
   * `@aivillage/admission` reports those that left its queue. Default: every call that was admitted.
   */
  isMade?: (req: IncomingMessage) => boolean;
  /** What calls cost, for budgets of money. Default: none. */
  prices?: Prices;
  /** What is held for a call without a limit of its output. */
  unknownMax?: UnknownMaxOptions;
  /** What becomes of a stream when a budget ends: `cut` ends it with an error event, `finish` charges what it uses beyond. Default `cut`. */
  onEnd?: "cut" | "finish";
  /**
   * How long a call is held without a sign of life from its process, in milliseconds; then it is charged what was reported last. Renewed three
   * times in that time. From 1,000 to 600,000, default 10,000.
   */
  leaseMs?: number;
  /** Where budgets are kept; its creator closes it. Default: a new `MemoryStore`, which forgets all when the process ends. */
  store?: BudgetStore;
  /** Whether responses carry `RateLimit-Policy`, `RateLimit` and `X-RateLimit-*-Tokens`. Default `true`. */
  headers?: boolean;
  /** The event that ends a stream that is cut. Default: that of the dialects of OpenAI and Anthropic, by `call.dialect`. */
  lastEvent?: (call: BudgetedCall, error: StreamError) => string;
}

/** What a client reads when its stream is cut. */
export interface StreamError {
  readonly message: string;
  readonly code: string;
}

function required<T>(expected: string, accepts: (value: unknown) => boolean) {
  return option.custom<T>(expected, undefined as T, accepts, returns.value);
}

const isFunction = (value: unknown): boolean => option.function(undefined).accepts(value);

const rules = {
  budgets: required<readonly Budget[]>("a list of at least one budget", Array.isArray),
  call: required<TokenBudgetOptions["call"]>("a function", isFunction),
  usage: required<TokenBudgetOptions["usage"]>("a function", isFunction),
  isMade: option.function<(req: IncomingMessage) => boolean>(undefined, returns.boolean),
  prices: option.custom<Prices | undefined>("an object with `currency` and `models`", undefined, isPlainObject),
  unknownMax: option.custom<UnknownMaxOptions>("an object", {}, isPlainObject),
  onEnd: option.oneOf(["cut", "finish"], "cut"),
  leaseMs: option.integer(10_000, { min: 1_000, max: 600_000 }),
  store: option.custom<BudgetStore | undefined>(
    "an object with the functions of a BudgetStore, such as a RedisStore",
    undefined,
    isBudgetStore,
  ),
  headers: option.boolean(true),
  lastEvent: option.function<(call: BudgetedCall, error: StreamError) => string>(undefined, returns.string),
};

const unknownMaxRules = {
  reserve: option.integer(1_024, { min: 1, max: 1_000_000 }),
  block: option.integer(256, { min: 1, max: 1_000_000 }),
};

export function readTokenBudgetOptions(given: TokenBudgetOptions) {
  const { prices, ...options } = readOptions<TokenBudgetOptions, typeof rules>(packageName, given, rules);
  for (const name of ["budgets", "call", "usage"] as const) {
    if (options[name] === undefined) throw optionError(packageName, name, rules[name].expected, undefined);
  }
  return {
    ...options,
    unknownMax: readOptions<UnknownMaxOptions, typeof unknownMaxRules>(packageName, options.unknownMax, unknownMaxRules, "unknownMax"),
    tariffOf: prices === undefined ? undefined : tariffs(prices),
    budgets: readBudgets(options.budgets, prices?.currency),
  };
}

/** The options of a handler, checked. */
export type Settings = ReturnType<typeof readTokenBudgetOptions>;
