/** What a budget needs to know of a call before it is made. The `AiCall` of `@aivillage/ai-call` has these members. */
export interface BudgetedCall {
  /** The requested model, for prices. */
  readonly model: string | undefined;
  /** Models that a router may choose instead, or that tools call: such a call costs what the dearest of all costs. Default: none. */
  readonly otherModels?: readonly string[];
  /** Tokens of the input, rather too many than too few. */
  readonly estimatedInputTokens: number;
  /** The most tokens of each choice; `undefined` if nothing limits them. */
  readonly maxOutputTokens: number | undefined;
  /** How many choices are generated. Default 1. */
  readonly choices?: number;
  /** Whether a stream is requested. Only streams are extended and cut. Default false. */
  readonly stream?: boolean;
  /** Name of the dialect, for the event that ends a stream. */
  readonly dialect?: string;
}

/** Tokens of a call up to now, or in all when it has ended. The `AiUsage` of `@aivillage/ai-call` has these members. */
export interface BudgetedUsage {
  /** Tokens from and to a cache included. */
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
  readonly cacheWrite?: number;
}
