import type { SampleWindow } from "./sample-window.ts";

/** Samples of a window if times hardly vary, and of one whatever they do. */
export const fewestSamples = 40;
const mostSamples = 400;
/** How much a further look counts. */
const newestPart = 0.2;
/** A baseline so many times as long as a look, chance aside, was measured under load. */
const wrong = 1.25;
/** Standard errors of a median within which a difference is chance. */
const chance = 2.5;
/** That error, as a multiple of the spread of one sample divided by the root of their number, for a normal distribution. */
const errorOfMedian = Math.sqrt(Math.PI / 2);

/** How long the first byte takes without load, and how much that varies from request to request. */
export class Baseline {
  /** The median in milliseconds; `undefined` before the first look. */
  ms: number | undefined;
  /** Of the logarithm, since times vary by factors: with the length of prompts. */
  #spread = 0;

  /** @returns false if what was known is replaced, since it was measured under load */
  learn(window: SampleWindow): boolean {
    const isFarTooLong = this.ms !== undefined && wrong * this.noticeable(window.size) * window.median() < this.ms;
    if (this.ms === undefined || isFarTooLong) {
      this.replace(window);
      return !isFarTooLong;
    }
    this.ms += newestPart * (window.median() - this.ms);
    this.#spread += newestPart * (window.spread() - this.#spread);
    return true;
  }

  /** Forgets what earlier windows have shown. */
  replace(window: SampleWindow): void {
    this.ms = window.median();
    this.#spread = window.spread();
  }

  /** Takes the variation from a window that may be too short for a median. */
  prepare(window: SampleWindow): void {
    this.#spread = window.spread();
  }

  /** Samples after which a median that is `ratio` times as long is no chance. */
  samplesFor(ratio: number): number {
    const needed = ((chance * errorOfMedian * this.#spread) / Math.log(ratio)) ** 2;
    return Math.min(mostSamples, Math.max(fewestSamples, Math.ceil(needed)));
  }

  /** The ratio of this many samples' median to the baseline that is no chance. */
  noticeable(samples: number): number {
    return Math.exp((chance * errorOfMedian * this.#spread) / Math.sqrt(samples));
  }
}
