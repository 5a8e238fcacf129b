import type { FailureSource } from "./failure-sources.ts";
import { type FailureKind, FailureWindow, type WindowSettings } from "./failure-window.ts";
import { Trickle } from "./trickle.ts";

/** When a replica is passed over, and for how long. */
export interface EjectionSettings extends WindowSettings {
  readonly connectFailures: number;
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Requests in a second that try an ejected replica at most. The others work, so a second client is enough. */
const mostTrials = 2;

/**
 * What is known of one replica from the responses to its requests.
 *
 * `connectFailures` in a row, or too many failures of its `FailureWindow`, eject it for `baseMs`, and every further one for twice as
 * long as the last time, up to `maxMs`. When that is over, it gets a `Trickle` of requests until one succeeds.
 */
export class Health {
  readonly #settings: EjectionSettings;
  readonly #window: FailureWindow;
  #unreachableInARow = 0;
  #isFailing = false;
  /** Somebody says that it fails, and no request has found out yet. */
  #isSuspected = false;
  #failedAt = -Infinity;
  #ejectedMs = 0;
  #ejectedUntil = 0;
  #trickle: Trickle | undefined;

  constructor(settings: EjectionSettings) {
    this.#settings = settings;
    this.#window = new FailureWindow(settings);
  }

  get isEjected(): boolean {
    return this.#ejectedMs > 0;
  }

  /** Whether its last request failed, or it is suspected. */
  get isFailing(): boolean {
    return this.#isFailing || this.#isSuspected;
  }

  /** Whether a request has failed at `time` or later, and none succeeded after it. */
  hasFailedSince(time: number): boolean {
    return this.#isFailing && this.#failedAt >= time;
  }

  /** Whether it should get a request of this source at `now` (monotonic milliseconds). */
  isUsable(source: () => FailureSource, now: number): boolean {
    if (this.#ejectedMs === 0) return true;
    if (now < this.#ejectedUntil) return false;
    this.#trickle ??= new Trickle(now, mostTrials);
    return this.#trickle.hasRoom(source().name, now);
  }

  /** It gets a request. */
  chosen(source: () => FailureSource): void {
    this.#trickle?.take(source().name);
  }

  /** Takes back a suspicion, and lets the next request try it at once when it is ejected. */
  trust(): void {
    this.#isSuspected = false;
    this.#ejectedUntil = 0;
    this.#trickle = undefined;
  }

  /** Makes the next connection that fails enough to eject it, unless a response comes first. */
  suspect(): void {
    if (this.#settings.connectFailures === Infinity) return;
    this.#isSuspected = true;
    this.#window.forgetResponses();
  }

  /** Counts a response; true when it ended an ejection. */
  responded(now: number): boolean {
    this.#window.responded(now);
    this.#unreachableInARow = 0;
    this.#isFailing = false;
    this.#isSuspected = false;
    if (this.#ejectedMs === 0) return false;
    this.#ejectedMs = 0;
    this.#ejectedUntil = 0;
    this.#trickle = undefined;
    return true;
  }

  /**
   * Counts a failure and returns for how many milliseconds the replica is now ejected, or `undefined` when it is not, or was
   * already. Failures of requests from before the ejection do not prolong it.
   */
  failed(kind: FailureKind, source: () => FailureSource, now: number, mayEject: boolean): number | undefined {
    this.#isFailing = true;
    this.#failedAt = now;
    if (kind === "unreachable") this.#countUnreachable();
    const tooMany = this.#window.failed(kind, source, now) || this.#isUnreachable(kind);
    if (!tooMany || now < this.#ejectedUntil || (!mayEject && this.#ejectedMs === 0)) return undefined;
    return this.#eject(now);
  }

  /** A connection that fails confirms a suspicion: with it they are as many as it takes. */
  #countUnreachable(): void {
    this.#unreachableInARow += 1;
    if (this.#isSuspected) this.#unreachableInARow = Math.max(this.#unreachableInARow, this.#settings.connectFailures);
    this.#isSuspected = false;
  }

  #isUnreachable(kind: FailureKind): boolean {
    return kind === "unreachable" && this.#unreachableInARow >= this.#settings.connectFailures;
  }

  #eject(now: number): number {
    const { baseMs, maxMs } = this.#settings;
    this.#ejectedMs = Math.min(this.#ejectedMs === 0 ? baseMs : this.#ejectedMs * 2, maxMs);
    this.#ejectedUntil = now + this.#ejectedMs;
    this.#trickle = undefined;
    this.#window.clear();
    return this.#ejectedMs;
  }
}
