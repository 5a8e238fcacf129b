import type { LearnOptions } from "./learn.ts";
import type { Limits } from "./tables.ts";

export const learnOptions: LearnOptions = { seed: 5, epochs: 5, rate: 0.03, decay: 0.01, blindShare: 0.05 };

/** Where the judgement drops what the detectors found, and where it needs none of them. */
export const limits: Limits = { disagree: -3.5, certain: 2.5 };
