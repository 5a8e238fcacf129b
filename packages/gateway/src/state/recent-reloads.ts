import type { ReloadResult } from "../gateway.ts";

/** The last reloads that are remembered. */
const mostReloads = 20;

/** What came of the last reloads, the newest last. */
export class RecentReloads {
  #reloads: readonly ReloadResult[] = [];

  get all(): readonly ReloadResult[] {
    return this.#reloads;
  }

  add(result: ReloadResult): void {
    this.#reloads = [...this.#reloads, result].slice(-mostReloads);
  }
}
