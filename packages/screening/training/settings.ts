import type { LearnOptions } from "./learn.ts";

export const learnOptions: LearnOptions = { seed: 5, runs: 4, epochs: 5, rate: 0.03, decay: 0.01, blindShare: 0.25 };
