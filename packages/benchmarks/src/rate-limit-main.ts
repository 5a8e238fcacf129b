import { installPeers } from "./prepare.ts";
import { makeProgress } from "./progress.ts";
import { expressRateLimit, flexible, ours } from "./rate-limit/contestants.ts";
import { measureCosts } from "./rate-limit/cost.ts";
import { judgeRateLimits, reportRateLimits } from "./rate-limit/report.ts";
import { findViolations, type Violations } from "./rate-limit/violations.ts";

const oursName = "@aivillage/rate-limit";
const contestants = {
  [oursName]: ours,
  "express-rate-limit, memory": () => expressRateLimit(),
  "rate-limiter-flexible, memory": () => flexible(false),
};

/** Compares the rate limit with its peers: what they let through, and what they cost. Exit code 1 when a budget of ours is missed. */
async function main(): Promise<void> {
  const progress = makeProgress(process.stderr);
  await installPeers(progress);
  const violations: Record<string, Violations> = {};
  for (const [name, make] of Object.entries(contestants)) {
    progress.say(`bursts at the edges of windows: ${name}`);
    violations[name] = await findViolations(make, 200);
  }
  progress.say("cost of a decision");
  const costs = await measureCosts(15);
  progress.done();
  const budgets = judgeRateLimits(violations, costs, oursName);
  process.stdout.write(reportRateLimits(violations, costs, budgets));
  if (budgets.some(({ kept }) => !kept)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
