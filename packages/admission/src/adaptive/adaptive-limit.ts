import type { IncomingMessage } from "node:http";

import { recogniseAcrossCopies } from "@aivillage/middleware";

import { Baseline, fewestSamples } from "./baseline.ts";
import { SampleWindow } from "./sample-window.ts";

interface AdaptiveSettings {
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  readonly tolerance: number;
  readonly signal?: ((req: IncomingMessage, firstByteMs: number) => number | undefined) | undefined;
}

/** How few samples show that something is far off. It is looked at each time that so many have come. */
const earlySamples = 8;
/** Windows before the first look at the backend with half of the load if the limit began high, and between two. */
const [carefulInitial, firstLookAfter, lookEvery] = [4, 5, 40];
const lookPart = 0.6;
/** Windows after which a step up that failed is tried again. */
const longestPause = 32;

/**
 * A limit that climbs until the first byte takes longer than without load, and remembers where that was.
 *
 * The baseline is measured only under half of the load, so that it cannot creep up with the limit. A step up that made responses slower is
 * taken back and tried again after a pause that doubles each time. If they get slower without one, the limit falls in proportion, by half
 * at most, and soon returns to just below where that happened. Total latency plays no part: it is the length of the response.
 */
export class AdaptiveLimit {
  readonly signal: AdaptiveSettings["signal"];
  readonly #settings: AdaptiveSettings;
  #limit: number;
  readonly #baseline = new Baseline();
  readonly #window = new SampleWindow();
  /** Requests that were admitted before that know the limit from before. */
  #changedMs = -Infinity;
  #halvedMs = -Infinity;
  #hasExceeded = false;
  /** Slots of the last step up, while it is on trial. */
  #lastStep = 0;
  #good = 0;
  #strikes = 0;
  #pause = 1;
  #sinceStep = 0;
  #sinceLook: number;
  /** The limit to go back to after a look under half of the load. */
  #beforeLook: number | undefined;

  static {
    recogniseAcrossCopies(this, "@aivillage/admission.AdaptiveLimit");
  }

  constructor(settings: AdaptiveSettings) {
    this.#settings = settings;
    this.#limit = settings.initial;
    this.#sinceLook = settings.initial > carefulInitial ? lookEvery - firstLookAfter : 0;
    this.signal = settings.signal;
  }

  /** The limit at the moment, an integer. */
  get current(): number {
    return this.#limit;
  }

  /** A request was admitted; `end()` when it has ended. */
  begin(): void {
    this.#window.begin();
  }

  end(): void {
    this.#window.end();
  }

  /** The first byte took so long, from the admission of the request on. */
  observe(firstByteMs: number, admittedMs: number, nowMs: number): void {
    if (admittedMs < this.#changedMs || !(firstByteMs >= 0)) return;
    const count = this.#window.add(firstByteMs);
    if (this.#baseline.ms === undefined && count === fewestSamples) this.#baseline.prepare(this.#window);
    const needed = this.#baseline.samplesFor(this.#settings.tolerance);
    if (this.#beforeLook !== undefined) {
      if (count >= lookPart * needed) this.#endLook(nowMs);
      return;
    }
    if (count >= needed || (count % earlySamples === 0 && this.#isFarOff(count))) this.#endWindow(nowMs);
  }

  /** The backend refused a request for lack of capacity. What it refuses of requests admitted before the limit fell counts no more. */
  backpressure(admittedMs: number, nowMs: number): void {
    if (admittedMs < this.#halvedMs) return;
    this.#halvedMs = nowMs;
    this.#hasExceeded = true;
    this.#fall(Math.floor(this.#limit / 2), nowMs);
  }

  #isFarOff(count: number): boolean {
    const { tolerance } = this.#settings;
    const far = this.#lastStep > 0 ? tolerance ** 2 : 2 * tolerance;
    return this.#isSaturated() && this.#limit > this.#settings.min && this.#ratio() > Math.max(far, this.#baseline.noticeable(count));
  }

  #ratio(): number {
    return this.#window.median() / Math.max(this.#baseline.ms ?? Infinity, 0.01);
  }

  #isSaturated(): boolean {
    return this.#window.peak >= this.#limit;
  }

  #endWindow(nowMs: number): void {
    this.#sinceStep += 1;
    this.#sinceLook += 1;
    if (this.#baseline.ms === undefined || this.#window.peak <= this.#limit / 2) this.#baseline.learn(this.#window);
    const ratio = this.#ratio();
    if (!this.#isSaturated()) return this.#window.restart();
    if (ratio > this.#settings.tolerance) this.#exceeded(ratio, nowMs);
    else this.#kept(nowMs);
    this.#window.restart();
  }

  #exceeded(ratio: number, nowMs: number): void {
    const { tolerance } = this.#settings;
    if (this.#limit === this.#settings.min) return this.#startOver();
    this.#hasExceeded = true;
    if (this.#lastStep > 0) return this.#takeStepBack(nowMs);
    this.#strikes += 1;
    if (this.#strikes < 2 && ratio < 2 * tolerance) return;
    this.#fall(Math.floor(this.#limit * Math.max(0.5, tolerance / ratio)), nowMs);
  }

  /** Requests are slow although there cannot be fewer: that is not load. They may have become longer, or the baseline was chance. */
  #startOver(): void {
    this.#baseline.replace(this.#window);
    this.#hasExceeded = false;
    this.#good = 0;
    this.#strikes = 0;
    this.#pause = 1;
  }

  #takeStepBack(nowMs: number): void {
    this.#setLimit(this.#limit - this.#lastStep, nowMs);
    this.#pause = Math.min(longestPause, this.#pause * 2);
    this.#lastStep = 0;
    this.#sinceStep = 0;
  }

  #fall(limit: number, nowMs: number): void {
    this.#good = this.#limit - 1;
    this.#strikes = 0;
    this.#lastStep = 0;
    this.#pause = 1;
    this.#beforeLook = undefined;
    this.#setLimit(Math.min(this.#limit - 1, limit), nowMs);
  }

  #kept(nowMs: number): void {
    this.#strikes = 0;
    if (this.#lastStep > 0) this.#pause = 1;
    this.#lastStep = 0;
    this.#good = Math.max(this.#good, this.#limit);
    if (this.#limit < this.#good) this.#setLimit(Math.ceil((this.#limit + this.#good) / 2), nowMs);
    else if (this.#sinceLook >= lookEvery) this.#beginLook(nowMs);
    else if (this.#sinceStep >= this.#pause) this.#stepUp(nowMs);
  }

  /** Half as much again while nothing has ever gone wrong, then one at a time. */
  #stepUp(nowMs: number): void {
    const before = this.#limit;
    this.#setLimit(before + (this.#hasExceeded ? 1 : Math.max(1, Math.floor(before / 2))), nowMs);
    this.#lastStep = this.#limit - before;
    this.#sinceStep = 0;
  }

  #beginLook(nowMs: number): void {
    this.#sinceLook = 0;
    const half = Math.max(this.#settings.min, Math.ceil(this.#limit / 2));
    if (half === this.#limit) return;
    this.#beforeLook = this.#limit;
    this.#setLimit(half, nowMs);
  }

  #endLook(nowMs: number): void {
    const before = this.#beforeLook ?? this.#limit;
    this.#beforeLook = undefined;
    if (this.#baseline.learn(this.#window)) return this.#setLimit(before, nowMs);
    // The limit was too high as well. It stays here, and the next look comes soon.
    this.#sinceLook = lookEvery - firstLookAfter;
    this.#good = this.#limit;
    this.#window.restart();
  }

  #setLimit(limit: number, nowMs: number): void {
    const { min, max } = this.#settings;
    const next = Math.min(max, Math.max(min, limit));
    if (next !== this.#limit) this.#changedMs = nowMs;
    this.#limit = next;
    this.#window.restart();
  }
}
