import type { CaseResult, Run } from "../bench.ts";
import { type Case, cases } from "../cases.ts";
import { contestants } from "../contestants/contestants.ts";
import type { ContestantResult } from "../run-group.ts";
import { ratioOf, type Spread, spreadOf } from "../statistics.ts";
import type { Sample } from "../trial.ts";
import type { Verdict } from "./budgets.ts";
import { formatNumber, markdownTable } from "./table.ts";

const proxyNote =
  "\\* proxies only: no keys, limits, checks or metrics; shown to say how far Node is from there, not as a rival. A CPU figure of 3 x means three times the CPU time of ours.";

/** The run as a Markdown page: where it was measured, a table for each case, the budgets. */
export function writeReport({ machine, settings, startedAt, cases: found }: Run, verdicts: readonly Verdict[]): string {
  const { cpu, cores, memoryGibibytes, kernel, node, loadTool, loadBefore, versions } = machine;
  const where = `${cpu}, ${cores} cores, ${memoryGibibytes} GiB, Linux ${kernel}, Node ${node}, ${loadTool}, ${startedAt}`;
  const how = `${settings.rounds} rounds of ${settings.seconds} s after ${settings.warmUpSeconds} s of warm-up, access logs ${settings.accessLog ? "on" : "off"}, load average ${loadBefore} before`;
  const against = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const tables = [...found.map(caseSection), startSection(found)];
  return `${where}\n${how}\n\n${tables.join("\n")}\n${budgetSection(verdicts)}\n${proxyNote}\n\nMeasured against ${against.join(", ")}.\n`;
}

function caseSection({ case: id, results }: CaseResult): string {
  const each = cases.find((known) => known.id === id);
  if (each === undefined) return "";
  const head = ["", `${each.unit}/s`, "CPU, ours 1", `CPU us/${singular(each.unit)}`, `p50 ms (${each.timed})`, "p99 ms", "peak RSS MiB"];
  if (each.memory !== undefined) head.push(each.memory.label);
  const ours = results.find(({ contestant }) => contestant === "ours");
  const rows = results.map((result) => row(each, result, ours));
  const failures = results.filter(({ failure }) => failure !== undefined).map((result) => `${labelOf(result)} failed: ${result.failure}\n`);
  return `### ${each.title}\n\n${markdownTable(head, rows)}${failures.length > 0 ? "\n" : ""}${failures.join("")}`;
}

/** Cold starts, of every start in the run. */
function startSection(found: readonly CaseResult[]): string {
  const rows = contestants.flatMap(({ id }) => {
    const results = found.flatMap((each) => each.results.filter(({ contestant }) => contestant === id));
    const startsMs = results.flatMap(({ samples }) => samples.map(({ startMs }) => startMs));
    return startsMs.length === 0
      ? []
      : [[labelOf({ contestant: id, samples: [] }), formatSpread(spreadOf(startsMs)), String(startsMs.length)]];
  });
  return `### Cold start\n\n${markdownTable(["", "ms to the first connection", "starts"], rows)}`;
}

function labelOf({ contestant: id }: ContestantResult): string {
  const contestant = contestants.find((known) => known.id === id);
  return `${contestant?.label ?? id}${contestant?.kind === "proxy" ? " *" : ""}`;
}

function row(each: Case, result: ContestantResult, ours: ContestantResult | undefined): string[] {
  const { contestant: id, samples, failure } = result;
  const label = labelOf(result);
  if (failure !== undefined) return [label, "failed"];
  const middle = (figure: keyof Sample): string => formatNumber(spreadOf(samples.map((sample) => sample[figure])).median);
  const cells = [label, middle("perSecond"), id === "ours" ? "" : compare(ours, samples), middle("cpuMicros")];
  cells.push(middle("p50Ms"), middle("p99Ms"), middle("peakMebibytes"));
  if (each.memory !== undefined) cells.push(middle("growth"));
  return cells;
}

function compare(ours: ContestantResult | undefined, samples: readonly Sample[]): string {
  if (ours === undefined || ours.failure !== undefined) return "";
  const cpu = (list: readonly Sample[]): number[] => list.map(({ cpuMicros }) => cpuMicros);
  return `${formatSpread(ratioOf(cpu(samples), cpu(ours.samples)))} x`;
}

function budgetSection(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ budget, found, promise, goal }) => {
    const [sign, limits] = "atLeast" in budget ? [">=", budget.atLeast] : ["<=", budget.atMost];
    const spread = found === undefined ? "" : formatSpread(found);
    return [budget.what, spread, `${sign} ${limits.promised}`, promise, `${sign} ${limits.goal}`, goal];
  });
  return rows.length === 0 ? "" : `### Budgets\n\n${markdownTable(["", "found", "promised", "", "goal", ""], rows)}`;
}

function formatSpread({ median, min, max }: Spread): string {
  return min === max ? formatNumber(median) : `${formatNumber(median)} (${formatNumber(min)}-${formatNumber(max)})`;
}

function singular(unit: Case["unit"]): string {
  return unit === "MiB" ? unit : unit.slice(0, -1);
}
