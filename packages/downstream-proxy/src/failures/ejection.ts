import type { FailureSource } from "./failure-sources.ts";
import { type FailureKind, FailureWindow, type WindowSettings } from "./failure-window.ts";
import { Trickle } from "./trickle.ts";

/** When a replica is ejected, and for how long. */
export interface EjectionSettings extends WindowSettings {
  readonly connectFailures: number;
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Maximum requests per second that try an ejected replica. The others work, so two clients are enough. */
const maxTrials = 2;

/**
 * Decides whether one replica is ejected, from the outcome of its requests.
 *
 * `connectFailures` in a row, or too many failures in its `FailureWindow`, eject it for `baseMs`. Every further failure ejects it for twice
 * as long as before, up to `maxMs`. After that time it gets a `Trickle` of requests until one succeeds.
 */
export class Ejection {
  readonly #settings: EjectionSettings;
  readonly #window: FailureWindow;
  #unreachableInARow = 0;
  #isFailing = false;
  /** It was reported unhealthy, and no request has confirmed that yet. */
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

  /** Whether a request failed at `time` or later, and none succeeded after it. */
  hasFailedSince(time: number): boolean {
    return this.#isFailing && this.#failedAt >= time;
  }

  /** Whether it should get a request of this source at `now` (monotonic milliseconds). */
  isUsable(source: () => FailureSource, now: number): boolean {
    if (this.#ejectedMs === 0) return true;
    if (now < this.#ejectedUntil) return false;
    this.#trickle ??= new Trickle(now, maxTrials);
    return this.#trickle.hasRoom(source().name, now);
  }

  /** Call this when it gets a request. */
  chosen(source: () => FailureSource): void {
    this.#trickle?.take(source().name);
  }

  /** Withdraws a suspicion. If it is ejected, the next request may try it at once. */
  trust(): void {
    this.#isSuspected = false;
    this.#ejectedUntil = 0;
    this.#trickle = undefined;
  }

  /** Makes the next failed connection enough to eject it, unless a response comes first. */
  suspect(): void {
    if (this.#settings.connectFailures === Infinity) return;
    this.#isSuspected = true;
    this.#window.forgetResponses();
  }

  /** Counts a response; true if it ended an ejection. */
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
   * Counts a failure. Returns for how many milliseconds it ejects the replica, or `undefined` if it does not. Failures of requests from
   * before an ejection do not prolong it.
   */
  failed(kind: FailureKind, source: () => FailureSource, now: number, mayEject: boolean): number | undefined {
    this.#isFailing = true;
    this.#failedAt = now;
    if (kind === "unreachable") this.#countUnreachable();
    const tooMany = this.#window.failed(kind, source, now) || this.#isUnreachable(kind);
    if (!tooMany || now < this.#ejectedUntil || (!mayEject && this.#ejectedMs === 0)) return undefined;
    return this.#eject(now);
  }

  /** A failed connection confirms a suspicion, and then counts as `connectFailures` of them. */
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
