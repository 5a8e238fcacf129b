import { writeFileSync } from "node:fs";

import { readArguments, type Settings, usage } from "./arguments.ts";
import { bench } from "./bench.ts";
import { makeProgress } from "./progress.ts";
import { judge } from "./report/budgets.ts";
import { drawChart } from "./report/chart.ts";
import { writeReport } from "./report/report.ts";

/** Exit codes: 0 all measured and every promise kept, 1 a promise was missed or a contestant failed, 2 the command line is wrong. */
async function main(argv: readonly string[]): Promise<void> {
  const settings = parse(argv);
  if (settings === undefined) return;
  if (settings === "help") return void process.stdout.write(usage);

  const run = await bench(settings, makeProgress(process.stderr));
  const verdicts = judge(run.cases);
  process.stdout.write(writeReport(run, verdicts));
  if (settings.json !== undefined) writeFileSync(settings.json, `${JSON.stringify({ ...run, verdicts }, undefined, 2)}\n`);
  if (settings.svg !== undefined) writeFileSync(settings.svg, drawChart(run.cases));
  const failed = run.cases.some(({ results }) => results.some(({ failure }) => failure !== undefined));
  if (failed || verdicts.some(({ promise }) => promise === "missed")) process.exitCode = 1;
}

function parse(argv: readonly string[]): Settings | "help" | undefined {
  try {
    return readArguments(argv);
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
