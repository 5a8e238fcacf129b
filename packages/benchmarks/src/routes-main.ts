import { parseArgs } from "node:util";

import { httpLoadTool } from "./loads/http-load.ts";
import { buildGateway, installPeers } from "./prepare.ts";
import { makeProgress } from "./progress.ts";
import { compareRoutes, type Rounds } from "./routes/compare.ts";
import { startUpstream } from "./start-upstream.ts";
import { ratioOf, spreadOf } from "./statistics.ts";

/** The most that a request may cost with many routes, in relation to one with few. */
const budget = 1.05;
const few = 5;
const many = 500;

/** Measures what a request costs in a gateway with 500 routes and in one with five. Exit code 1 when the median of all rounds is over the budget. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "7" }, seconds: { type: "string", default: "2" } } });
  const progress = makeProgress(process.stderr);
  await buildGateway(progress);
  if (httpLoadTool === "autocannon") await installPeers(progress);
  const upstream = await startUpstream();
  try {
    const extent = { rounds: Number(values.rounds), seconds: Number(values.seconds), few, many };
    const results = await compareRoutes(`http://127.0.0.1:${upstream.ports.healthy}`, extent, progress);
    progress.done();
    report(results);
  } finally {
    await upstream.stop();
  }
}

function report(results: Readonly<Record<string, Rounds>>): void {
  const lines = Object.entries(results).map(([name, rounds]) => lineOf(name, rounds));
  const all = Object.values(results);
  const { median } = ratioOf(
    all.flatMap((rounds) => rounds.many),
    all.flatMap((rounds) => rounds.few),
  );
  const isKept = median <= budget;
  const verdict = `${isKept ? "kept" : "MISSED"}: ${many} routes cost ${median.toFixed(3)} of ${few}, at most ${budget}`;
  process.stdout.write(`CPU time per request, microseconds\n\n${lines.join("\n")}\n\n${verdict}\n`);
  if (!isKept) process.exitCode = 1;
}

function lineOf(name: string, rounds: Rounds): string {
  const [small, large] = [spreadOf(rounds.few).median.toFixed(1), spreadOf(rounds.many).median.toFixed(1)];
  const { median, min, max } = ratioOf(rounds.many, rounds.few);
  return `${name.padEnd(24)} ${few} routes ${small}  ${many} routes ${large}  ratio ${median.toFixed(3)} (${min.toFixed(2)}-${max.toFixed(2)})`;
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
