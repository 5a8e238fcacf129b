import type { Account } from "../../src/index.ts";

const hourMs = 3_600_000;
const startMs = Math.floor(Date.now() / hourMs) * hourMs;

/** An account of the hour in which the test began, or of a later or earlier one. */
export const account = (budget = "tokens", key = "ann", periods = 0): Account => ({
  budget,
  key,
  startMs: startMs + periods * hourMs,
  endMs: startMs + (periods + 1) * hourMs,
});
