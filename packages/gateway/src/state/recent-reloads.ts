/** What came of loading the configuration again. */
export interface ReloadResult {
  readonly outcome: "succeeded" | "failed";
  /** When: UTC, ISO 8601. */
  readonly at: string;
  /** Why: `SIGHUP` or `file changed`. */
  readonly reason: string;
  /** Keys of the settings that changed. */
  readonly changed: readonly string[];
  /** Keys of the settings that keep their value until a restart. */
  readonly needRestart: readonly string[];
  /** Why it failed; the previous configuration stays in force. */
  readonly problems: readonly string[];
}

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
