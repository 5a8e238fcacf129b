import { MemoryStore, type MemoryStoreOptions } from "./memory/memory-store.ts";
import type { Store } from "./store.ts";

interface UsedStore {
  readonly store: Store;
  /** Closes the store if nobody else does. */
  readonly close: () => void;
}

/** The store to use. */
export function givenOrOwn(given: Store | undefined, options?: MemoryStoreOptions): UsedStore {
  if (given !== undefined) return { store: given, close: () => undefined };
  const store = new MemoryStore(options);
  return { store, close: () => store.close() };
}

/** The store to use for these policies. */
export function preparedStore(given: Store | undefined, policies: readonly { name: string; windowMs: number }[]): UsedStore {
  const used = givenOrOwn(given);
  used.store.prepare?.(policies.map(({ name, windowMs }) => ({ policy: name, windowMs })));
  return used;
}
