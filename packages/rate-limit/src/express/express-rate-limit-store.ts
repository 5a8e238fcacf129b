/** What a store of express-rate-limit knows about a key. */
export interface ClientInfo {
  totalHits: number;
  resetTime: Date | undefined;
}

type MaybePromise<T> = T | Promise<T>;

/** The `Store` contract of express-rate-limit 6 and later, as far as it is used. */
export interface ExpressRateLimitStore {
  init?(options: never): MaybePromise<void>;
  get?(key: string): MaybePromise<ClientInfo | undefined>;
  increment(key: string): MaybePromise<ClientInfo>;
  decrement(key: string): MaybePromise<void>;
  resetKey(key: string): MaybePromise<void>;
}

export function isExpressRateLimitStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { increment, decrement, resetKey } = value as Partial<Record<keyof ExpressRateLimitStore, unknown>>;
  return [increment, decrement, resetKey].every((member) => typeof member === "function");
}
