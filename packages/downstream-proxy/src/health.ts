/** When a replica is passed over, and for how long. */
export interface EjectionSettings {
  readonly failures: number;
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * What is known of one replica from the answers to its requests.
 *
 * `failures` in a row eject it for `baseMs`, and every further failure for twice as long as the last time, up to `maxMs`. When
 * that is over, it gets one request at a time until one succeeds.
 */
export class Health {
  readonly #settings: EjectionSettings;
  #failedInARow = 0;
  #ejectedMs = 0;
  #ejectedUntil = 0;

  constructor(settings: EjectionSettings) {
    this.#settings = settings;
  }

  get isEjected(): boolean {
    return this.#ejectedMs > 0;
  }

  /** Whether its last request failed. */
  get isFailing(): boolean {
    return this.#failedInARow > 0;
  }

  /** Whether it should get a request at `now` (monotonic milliseconds) when it has `load` to do already. */
  isUsable(now: number, load: number): boolean {
    return this.#ejectedMs === 0 || (now >= this.#ejectedUntil && load === 0);
  }

  /** Lets the next request try it at once when it is ejected. */
  endWait(): void {
    this.#ejectedUntil = 0;
  }

  /** Makes the next failure enough to eject it, unless a success comes first. */
  suspect(): void {
    const { failures } = this.#settings;
    if (failures < Infinity) this.#failedInARow = Math.max(this.#failedInARow, failures - 1);
  }

  /** Counts a success; true when it ended an ejection. */
  succeeded(): boolean {
    this.#failedInARow = 0;
    if (this.#ejectedMs === 0) return false;
    this.#ejectedMs = 0;
    this.#ejectedUntil = 0;
    return true;
  }

  /**
   * Counts a failure and returns for how many milliseconds the replica is now ejected, or `undefined` when it is not, or was
   * already. Failures of requests from before the ejection do not prolong it.
   */
  failed(now: number, mayEject: boolean): number | undefined {
    this.#failedInARow += 1;
    if (now < this.#ejectedUntil || this.#failedInARow < this.#settings.failures) return undefined;
    if (!mayEject && this.#ejectedMs === 0) return undefined;
    this.#ejectedMs = Math.min(this.#ejectedMs === 0 ? this.#settings.baseMs : this.#ejectedMs * 2, this.#settings.maxMs);
    this.#ejectedUntil = now + this.#ejectedMs;
    return this.#ejectedMs;
  }
}
