/**
 * Simulates limits at three times the load that a backend can serve, and compares adaptive limits with the best fixed one.
 * Run: `node --conditions=@aivillage/source bench/adaptive.bench.ts`. Fails when the adaptive limit of this package has less than 95 % of the
 * best goodput, or first tokens take more than 1.3 times as long as without load.
 */
import { envoyGradient, fixed, netflixGradient2, ours, type Policy } from "./simulation/policies.ts";
import { shapes } from "./simulation/shapes.ts";
import { type Outcome, simulate } from "./simulation/simulate.ts";

const most = 256;
const minutes = 60;
const seeds = [1, 2];

const contestants: Readonly<Record<string, () => Policy>> = {
  "no limit": () => fixed(Infinity),
  "Envoy, total latency": () => envoyGradient(most, "total"),
  "Envoy, first token": () => envoyGradient(most, "first"),
  "Gradient2, total latency": () => netflixGradient2(most, "total"),
  "Gradient2, first token": () => netflixGradient2(most, "first"),
  "adaptive()": () => ours(most),
};

function averaged(outcomes: readonly Outcome[]): Outcome {
  const of = (member: keyof Outcome): number => outcomes.reduce((sum, outcome) => sum + outcome[member], 0) / outcomes.length;
  return { goodput: of("goodput"), firstTokenP95: of("firstTokenP95"), limitAtEnd: of("limitAtEnd"), refused: of("refused") };
}

for (const shape of shapes) {
  const run = (policy: () => Policy, overload = 3): Outcome =>
    averaged(seeds.map((seed) => simulate({ shape, policy: policy(), overload, minutes, seed })));
  const unloaded = run(() => fixed(shape.slots), 0.2).firstTokenP95;
  const sweep = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2].map((part) => Math.max(1, Math.round(part * shape.slots)));
  const fixedRuns = sweep.map((limit) => run(() => fixed(limit)));
  const best = fixedRuns.reduce((one, other) => (other.goodput > one.goodput ? other : one));
  console.log(`\n${shape.name}: first token p95 ${unloaded.toFixed(0)} ms without load, best fixed limit ${best.limitAtEnd}`);
  const report = (name: string, { goodput, firstTokenP95, limitAtEnd, refused }: Outcome): void => {
    const share = goodput / best.goodput;
    const slower = firstTokenP95 / unloaded;
    const cells = [`${(100 * share).toFixed(1)} %`, `${slower.toFixed(2)} x`, limitAtEnd.toFixed(0), refused.toFixed(0)];
    console.log(
      `  ${name.padEnd(26)} goodput ${cells[0]?.padStart(7)}  first token ${cells[1]?.padStart(8)}  limit ${cells[2]}  refused ${cells[3]}`,
    );
    if (name === "adaptive()" && (share < 0.95 || slower > 1.3)) process.exitCode = 1;
  };
  report(`fixed ${best.limitAtEnd}`, best);
  for (const [name, policy] of Object.entries(contestants)) report(name, run(policy));
}
