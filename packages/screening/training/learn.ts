import { featureSlots } from "../src/judgement/feature-slots.ts";
import { findStrongest, type Model, sumOf } from "../src/judgement/model.ts";
import { ngramSlots, slotsOf } from "../src/judgement/ngrams.ts";
import type { Reading } from "../src/judgement/reading.ts";
import { type Random, seededRandom, shuffle } from "./random.ts";

/** A reading, and what it is. */
export interface Example {
  readonly reading: Reading;
  /** The features that it would have if no detector saw anything. */
  readonly unseen: readonly number[];
  readonly isAttack: boolean;
  /** How much it counts. */
  readonly importance: number;
  /** Where it is not from this machine: the fold whose texts are judged by a model without it. */
  readonly fold?: number;
}

export interface LearnOptions {
  readonly seed: number;
  /** Whole trainings with a seed each, whose weights are averaged. */
  readonly runs: number;
  readonly epochs: number;
  readonly rate: number;
  /** Draws weights to zero. */
  readonly decay: number;
  /** Share of attacks that are shown without what the detectors found, so that it knows attacks that they do not see. */
  readonly blindShare: number;
}

const speeds = { bias: 3, feature: 10 } as const;
const tooSmall = 0.001;
const easy = 0.01;
/** All epochs but the first are averaged, with so many looks at each. */
const averagedEpochs = 4;
const looks = 6;

/**
 * Learns by AdaGrad; of each text only the window that is most like an attack, which is the one that decides. What a model owes to the
 * order of its examples is noise, so the weights are an average over almost all epochs of several runs.
 */
export function learn(examples: readonly Example[], options: LearnOptions, onEpoch?: (epoch: number) => void): Model {
  const average = new Average();
  for (let run = 0; run < options.runs; run += 1) {
    const done = run * options.epochs;
    learnOnce(examples, { ...options, seed: options.seed + run }, average, (epoch) => onEpoch?.(done + epoch));
  }
  return average.model;
}

function learnOnce(examples: readonly Example[], options: LearnOptions, average: Average, onEpoch: (epoch: number) => void): void {
  const learner = new Learner(options);
  const order = [...examples];
  /** What the model is sure of need not be looked at in every epoch. */
  const easyUntil = new Map<Example, number>();
  const random = seededRandom(options.seed);
  const every = Math.ceil(order.length / looks);
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    const rate = options.rate * (1 - (0.9 * epoch) / options.epochs);
    for (const [index, example] of shuffle(order, random).entries()) {
      if (epoch >= options.epochs - averagedEpochs && index % every === 0) average.add(learner.model);
      if (epoch < (easyUntil.get(example) ?? 0)) continue;
      const error = learner.see(example, rate, random);
      if (error < easy) easyUntil.set(example, epoch + 3);
    }
    onEpoch(epoch + 1);
  }
  average.add(learner.model);
}

/** The average of models. */
class Average {
  readonly #ngrams = new Float64Array(ngramSlots);
  readonly #features = new Float64Array(featureSlots);
  #bias = 0;
  #count = 0;

  add({ bias, features, ngrams }: Model): void {
    this.#count += 1;
    this.#bias += bias;
    addTo(this.#features, features.weights);
    addTo(this.#ngrams, ngrams.weights);
  }

  get model(): Model {
    const table = (sums: Float64Array): Model["ngrams"] => ({ weights: Float32Array.from(sums, (sum) => sum / this.#count), scale: 1 });
    return { bias: this.#bias / this.#count, features: table(this.#features), ngrams: table(this.#ngrams) };
  }
}

function addTo(sums: Float64Array, weights: ArrayLike<number>): void {
  for (let slot = 0; slot < sums.length; slot += 1) sums[slot] = (sums[slot] ?? 0) + (weights[slot] ?? 0);
}

class Learner {
  readonly #ngrams = new Weights(ngramSlots);
  readonly #features = new Weights(featureSlots);
  readonly #bias = new Weights(1, -1);
  readonly #decay: number;
  readonly #blindShare: number;

  constructor({ decay, blindShare }: LearnOptions) {
    this.#decay = decay;
    this.#blindShare = blindShare;
  }

  get model(): Model {
    const table = ({ values }: Weights): Model["ngrams"] => ({ weights: values, scale: 1 });
    return { bias: this.#bias.values[0] ?? 0, features: table(this.#features), ngrams: table(this.#ngrams) };
  }

  /** @returns how far the model was from the truth */
  see({ reading, unseen, isAttack, importance }: Example, rate: number, random: Random): number {
    const features = isAttack && random() < this.#blindShare ? unseen : reading.features;
    const window = findStrongest(reading, this.#ngrams.values);
    const weight = (this.#bias.values[0] ?? 0) + window.sum + sumOf(features, this.#features.values);
    const error = 1 / (1 + Math.exp(-weight)) - Number(isAttack);
    const gradient = error * importance;
    if (Math.abs(gradient) < tooSmall) return Math.abs(error);
    this.#bias.step(bias, gradient, rate * speeds.bias, 0);
    this.#features.step(features, gradient, rate * speeds.feature, 0);
    this.#ngrams.step(slotsOf(window.excerpt, window.start, window.end), gradient, rate, this.#decay);
    return Math.abs(error);
  }
}

const bias = [0];

/** Weights by slot, each with the sum of its squared gradients, which slows it down. */
class Weights {
  readonly values: Float32Array;
  readonly #squares: Float32Array;

  constructor(slots: number, initial = 0) {
    this.values = new Float32Array(slots).fill(initial);
    this.#squares = new Float32Array(slots).fill(1);
  }

  step(slots: Iterable<number>, gradient: number, rate: number, decay: number): void {
    for (const slot of slots) {
      const value = this.values[slot] ?? 0;
      const squares = (this.#squares[slot] ?? 1) + gradient * gradient;
      this.#squares[slot] = squares;
      this.values[slot] = value - (rate / Math.sqrt(squares)) * (gradient + decay * value);
    }
  }
}
