import { withoutEvidence } from "../src/judgement/features.ts";
import { findStrongest, type Model } from "../src/judgement/model.ts";
import { ngramLengths, ngramSlots } from "../src/judgement/ngrams.ts";
import type { Reading } from "../src/judgement/reading.ts";
import { type Random, seededRandom, shuffle } from "./random.ts";

/** A reading, and what it is. */
export interface Example {
  readonly reading: Reading;
  readonly isAttack: boolean;
  /** How much it counts. */
  readonly importance: number;
  /** Where it is not from this machine: the fold whose texts are judged by a model without it. */
  readonly fold?: number;
}

export interface LearnOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly rate: number;
  /** Draws weights to zero. */
  readonly decay: number;
  /** Share of attacks that are shown without what the detectors found, so that it knows attacks that they do not see. */
  readonly blindShare: number;
}

const features = { speed: 10 } as const;
const tooSmall = 0.001;
const easy = 0.01;

/** Learns by AdaGrad; of each text only the window that is most like an attack, which is the one that decides. */
export function learn(examples: readonly Example[], options: LearnOptions, onEpoch?: (epoch: number) => void): Model {
  const learner = new Learner(options);
  const order = [...examples];
  /** What the model is sure of need not be looked at in every epoch. */
  const easyUntil = new Map<Example, number>();
  const random = seededRandom(options.seed);
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    const rate = options.rate * (1 - (0.9 * epoch) / options.epochs);
    for (const example of shuffle(order, random)) {
      if (epoch < (easyUntil.get(example) ?? 0)) continue;
      const error = learner.see(example, rate, random);
      if (error < easy) easyUntil.set(example, epoch + 3);
    }
    onEpoch?.(epoch + 1);
  }
  return learner.model;
}

/** A weight, and the sum of its squared gradients, which slows it down. */
interface Weight {
  value: number;
  squares: number;
}

class Learner {
  readonly #ngrams = new Float32Array(ngramSlots);
  readonly #squares = new Float32Array(ngramSlots).fill(1);
  readonly #features = new Map<string, Weight>();
  readonly #bias: Weight = { value: -1, squares: 1 };
  readonly #decay: number;
  readonly #blindShare: number;

  constructor({ decay, blindShare }: LearnOptions) {
    this.#decay = decay;
    this.#blindShare = blindShare;
  }

  get model(): Model {
    const values = new Map([...this.#features].map(([name, { value }]) => [name, value]));
    return { bias: this.#bias.value, features: values, ngrams: this.#ngrams, scale: 1 };
  }

  /** @returns how far the model was from the truth */
  see({ reading, isAttack, importance }: Example, rate: number, random: Random): number {
    const isBlind = isAttack && random() < this.#blindShare;
    const seen = (isBlind ? withoutEvidence(reading.features) : reading.features).map((name) => this.#feature(name));
    const window = findStrongest(reading, this.#ngrams);
    const weight = seen.reduce((sum, { value }) => sum + value, this.#bias.value + window.sum);
    const error = 1 / (1 + Math.exp(-weight)) - Number(isAttack);
    const gradient = error * importance;
    if (Math.abs(gradient) < tooSmall) return Math.abs(error);
    step(this.#bias, gradient, rate * 3);
    for (const feature of seen) step(feature, gradient, rate * features.speed);
    this.#stepNgrams(window.excerpt.subarray(window.start * ngramLengths, window.end * ngramLengths), gradient, rate);
    return Math.abs(error);
  }

  #stepNgrams(slots: Int32Array, gradient: number, rate: number): void {
    for (const slot of slots) {
      const squares = (this.#squares[slot] ?? 0) + gradient * gradient;
      const value = this.#ngrams[slot] ?? 0;
      this.#squares[slot] = squares;
      this.#ngrams[slot] = value - (rate / Math.sqrt(squares)) * (gradient + this.#decay * value);
    }
  }

  #feature(name: string): Weight {
    let weight = this.#features.get(name);
    if (weight === undefined) this.#features.set(name, (weight = { value: 0, squares: 1 }));
    return weight;
  }
}

function step(weight: Weight, gradient: number, rate: number): void {
  weight.squares += gradient * gradient;
  weight.value -= (rate * gradient) / Math.sqrt(weight.squares);
}
