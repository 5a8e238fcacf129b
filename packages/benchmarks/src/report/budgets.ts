import type { CaseResult } from "../bench.ts";
import type { CaseId } from "../cases.ts";
import type { ContestantId } from "../contestants/contestant.ts";
import { ratioOf, type Spread, spreadOf } from "../statistics.ts";
import type { Sample } from "../trial.ts";

/**
 * A promise of the gateway: how many times less CPU time than a peer it needs for the same, or its own figure at most. CPU time is
 * judged, because throughput on one machine also measures the load generator and the upstream beside it.
 */
export type Budget =
  | { readonly case: CaseId; readonly promise: string; readonly against: ContestantId; readonly atLeast: number }
  | {
      readonly case: CaseId;
      readonly promise: string;
      readonly figure: "p99Ms" | "growth" | "cpuMicros" | "startMs";
      readonly atMost: number;
    };

export const budgets: readonly Budget[] = [
  { case: "post", promise: "CPU of the Express stack", against: "express-stack", atLeast: 2.8 },
  { case: "post", promise: "CPU of the fastify stack", against: "fastify-stack", atLeast: 2.2 },
  { case: "post", promise: "CPU of the bare pass-through", against: "pass-through", atLeast: 0.65 },
  { case: "post", promise: "CPU of nginx + ModSecurity + CRS", against: "modsecurity", atLeast: 10 },
  { case: "post-10k", promise: "CPU of the fastify stack, 10 kB", against: "fastify-stack", atLeast: 1.5 },
  { case: "post-10k", promise: "CPU of nginx + ModSecurity + CRS, 10 kB", against: "modsecurity", atLeast: 30 },
  { case: "paced", promise: "CPU of the Express stack at 2,000/s", against: "express-stack", atLeast: 1.9 },
  { case: "paced", promise: "CPU of the fastify stack at 2,000/s", against: "fastify-stack", atLeast: 1.6 },
  { case: "local", promise: "CPU of bare Express 5", against: "express-bare", atLeast: 1.1 },
  { case: "sse", promise: "CPU of the bare pass-through, event streams", against: "pass-through", atLeast: 0.9 },
  { case: "sse", promise: "KiB for each open event stream", figure: "growth", atMost: 64 },
  { case: "calls", promise: "CPU of the same route without metering", against: "ours-unmetered", atLeast: 0.9 },
  { case: "upload", promise: "CPU of the bare pass-through, uploads", against: "pass-through", atLeast: 0.85 },
  { case: "large-upload", promise: "MiB for an upload of 1 GiB", figure: "growth", atMost: 64 },
  { case: "idle", promise: "CPU us for an idle connection in a second", figure: "cpuMicros", atMost: 2 },
  { case: "idle", promise: "KiB for an idle connection", figure: "growth", atMost: 20 },
  { case: "health", promise: "p99 of the health check in ms", figure: "p99Ms", atMost: 100 },
];

/** `within spread`: the middle round misses it, but not every round does. */
type Outcome = "kept" | "within spread" | "missed" | "not measured";

export interface Verdict {
  readonly budget: Budget;
  readonly found: Spread | undefined;
  readonly outcome: Outcome;
}

/** Judges every budget whose case was measured. One whose contestants were left out or failed is `not measured`. */
export function judge(cases: readonly CaseResult[], promised: readonly Budget[] = budgets): Verdict[] {
  return promised.flatMap((budget) => {
    const measured = cases.find((each) => each.case === budget.case);
    if (measured === undefined) return [];
    const found = findingOf(budget, measured);
    return [{ budget, found, outcome: found === undefined ? "not measured" : outcomeOf(budget, found) }];
  });
}

function findingOf(budget: Budget, { results }: CaseResult): Spread | undefined {
  const samplesOf = (id: ContestantId): readonly Sample[] => {
    const result = results.find(({ contestant }) => contestant === id);
    return result === undefined || result.failure !== undefined ? [] : result.samples;
  };
  const ours = samplesOf("ours");
  if (ours.length === 0) return undefined;
  if ("figure" in budget) return spreadOf(ours.map((sample) => sample[budget.figure]));
  const theirs = samplesOf(budget.against);
  if (theirs.length === 0) return undefined;
  return ratioOf(
    theirs.map(({ cpuMicros }) => cpuMicros),
    ours.map(({ cpuMicros }) => cpuMicros),
  );
}

function outcomeOf(budget: Budget, { median, min, max }: Spread): Outcome {
  if ("atMost" in budget) {
    if (median <= budget.atMost) return "kept";
    return min <= budget.atMost ? "within spread" : "missed";
  }
  if (median >= budget.atLeast) return "kept";
  return max >= budget.atLeast ? "within spread" : "missed";
}
