import { Gate } from "./gate/gate.ts";
import type { AdmissionStore, Ask, Entrant, LimitCount } from "./store.ts";

/** Slots and queue in the memory of this process. */
export class MemoryStore implements AdmissionStore {
  readonly #gate = new Gate();

  enter(ask: Ask, entrant: Entrant): () => void {
    return this.#gate.enter(ask, entrant);
  }

  resize(limit: string, max: number): void {
    this.#gate.caps.resize(limit, max);
    this.#gate.dispatch();
  }

  counts(): readonly LimitCount[] {
    return this.#gate.counts();
  }

  /** Holds nothing that must be closed; each request that waits has its deadline. */
  close(): void {
    // There is no timer of its own.
  }
}
