import type { Random } from "./random.ts";

/** How long something takes, in milliseconds. */
export interface Times {
  readonly mean: number;
  readonly p95: number;
  draw(random: Random): number;
}

/** As lengths of prompts and responses are, roughly. */
export function logNormal(median: number, sigma: number): Times {
  return {
    mean: median * Math.exp(sigma ** 2 / 2),
    p95: median * Math.exp(1.645 * sigma),
    draw: (random) => random.logNormal(median, sigma),
  };
}

/** The parts of all calls for which a recorded distribution gives a value that they do not exceed. */
const parts = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/** A recorded distribution of tokens, with what each of them takes. Values between the recorded ones are equally probable. */
export function recorded(tokens: readonly number[], toMs: (tokens: number) => number): Times {
  const at = (part: number): number => {
    const right = Math.max(
      1,
      parts.findIndex((each) => each >= part),
    );
    const [from, to] = [parts[right - 1] ?? 0, parts[right] ?? 1];
    const [low, high] = [tokens[right - 1] ?? 0, tokens[right] ?? 0];
    return toMs(low + ((part - from) / (to - from)) * (high - low));
  };
  const steps = 1_000;
  const mean = Array.from({ length: steps }, (_, step) => at((step + 0.5) / steps)).reduce((sum, ms) => sum + ms, 0) / steps;
  return { mean, p95: at(0.95), draw: (random) => at(random.next()) };
}
