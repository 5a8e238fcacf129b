import type { LearnOptions } from "./learn.ts";
import type { Limits } from "./tables.ts";

export const learnOptions: LearnOptions = { seed: 5, epochs: 5, rate: 0.03, decay: 0.01, blindShare: 0.25 };

/** Where the judgement drops what the detectors found, where a weak sign is enough, and where none is needed. */
export const limits: Limits = { disagree: -3.2, certain: 1.5, unseen: 2.25 };
