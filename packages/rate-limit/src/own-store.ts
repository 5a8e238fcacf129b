import { MemoryStore, type MemoryStoreOptions } from "./memory/memory-store.ts";
import type { Store } from "./store.ts";

/** The store to use, and what closes it if nobody else does. */
export function givenOrOwn(given: Store | undefined, options?: MemoryStoreOptions): { store: Store; close: () => void } {
  if (given !== undefined) return { store: given, close: () => undefined };
  const store = new MemoryStore(options);
  return { store, close: () => store.close() };
}
