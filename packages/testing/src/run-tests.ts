/**
 * Runs test files, some of a package in one process, and reports progress, failures, what was slow and what was left out.
 * `pnpm test [--test-concurrency=6] [--test-timeout=600000] [--test-name-pattern=TEXT] [--test-randomize] [--test-random-seed=N] [FILE …]`;
 * the options mean what they mean to Node. Ends with 1 when a test failed.
 */
import { chmodSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "node:test";
import { parseArgs } from "node:util";

import { buildGateway } from "./gateway-program.ts";
import { leftToOtherCommands } from "./other-commands.ts";
import { root } from "./root.ts";
import { shuffled } from "./shuffle.ts";
import { filesAsPrograms, groupFiles, writePrograms } from "./test-groups.ts";
import { clock, TestProgress } from "./test-progress.ts";
import { TestReport } from "./test-report.ts";

/** A process that reports nothing for so much longer than a test may take cannot notice that itself: it is in an endless loop. */
const silenceMs = 60_000;
/** Most tests wait for sockets and timers more than they compute: with three processes for each core, two cores are busy. More than 12 only cost memory. */
const concurrency = Math.min(3 * availableParallelism(), 12);
const allTests = ["packages/*/test/**/*.test.ts", "examples/**/*.test.ts"];
// Test processes and the programs that they start load the same modules.
process.env["NODE_COMPILE_CACHE"] ??= join(root, "node_modules/.cache/compiled");
// A program that a test kills cannot remove its temporary files. The name is short, since the path of a Unix socket may not be long.
const temporaryFolder = mkdtempSync(join(tmpdir(), "test-"));
// As open as the folder that it takes the place of: some tests are about files that everybody may read.
chmodSync(temporaryFolder, 0o755);
process.env["TMPDIR"] = temporaryFolder;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "test-concurrency": { type: "string", default: String(concurrency) },
    // Only distinguishes a hang from a slow machine.
    "test-timeout": { type: "string", default: "600000" },
    "test-name-pattern": { type: "string", multiple: true, default: [] },
    "test-randomize": { type: "boolean", default: false },
    "test-random-seed": { type: "string" },
  },
});

const found = globSync(positionals.length > 0 ? positionals : allTests, { cwd: root, exclude: ["**/node_modules/**"] }).toSorted();
const seed = Number(values["test-random-seed"] ?? Math.floor(Math.random() * 0xffff_ffff));
const isRandom = values["test-randomize"] || values["test-random-seed"] !== undefined;
if (isRandom) process.stdout.write(`shuffled with --test-random-seed=${seed}\n`);
if (found.length === 0) throw new Error(`no test file matches ${positionals.join(" ")}`);
const files = (isRandom ? shuffled(found, seed) : found).map((file) => resolve(root, file));

const report = new TestReport(root);
const progress = new TestProgress(files, root, () => report.failed);
const end = new AbortController();
// The report of what has failed up to here comes all the same.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => end.abort());
const watch = setInterval(() => {
  const limitMs = Number(values["test-timeout"]) + silenceMs;
  const [hanging] = progress.silentFor(limitMs);
  if (hanging === undefined) return;
  process.stdout.write(`\n${hanging} has reported nothing for ${clock(limitMs)}: the run ends here\n`);
  end.abort();
}, 1_000);

const isByName = values["test-name-pattern"].length > 0;
/** Whether every file must come to its end. */
const isComplete = (): boolean => !end.signal.aborted && !isByName;

/** Runs groups of files, each in its own process. */
async function runGroups(groups: readonly (readonly string[])[]): Promise<void> {
  if (groups.length === 0) return;
  // Node looks for names before a suite has loaded its file: then each file is a program.
  using programs = isByName ? filesAsPrograms(groups.flat()) : writePrograms(groups);
  report.expect(programs.filesOf);
  const events = run({
    cwd: root,
    files: [...programs.filesOf.keys()],
    signal: end.signal,
    concurrency: Number(values["test-concurrency"]),
    timeout: Number(values["test-timeout"]),
    testNamePatterns: values["test-name-pattern"],
    execArgv: ["--conditions=@aivillage/source"],
    ...(isRandom && { randomSeed: seed }),
  });
  for await (const event of events) {
    progress.see(event);
    progress.print(report.see(event));
  }
  // Alone in its process, a file has ended it, whether the runner has seen it begin or not.
  const broken = groups.flatMap((group) =>
    group.filter((file) => progress.isRunning(file) || (group.length === 1 && isComplete() && !progress.isDone(file))),
  );
  progress.print(report.settle(broken, end.signal.aborted));
  for (const file of broken) progress.giveUp(file);
}

// For a few files it would cost more than it saves.
if (positionals.length === 0) buildGateway();
await runGroups(groupFiles(files, root));
// A process that ended early has taken the files with it that had yet to come: each gets one of its own.
if (isComplete()) await runGroups(progress.waiting().map((file) => [file]));
clearInterval(watch);
progress.end();
process.stdout.write(report.text(progress.durations()));
if (positionals.length === 0) process.stdout.write(leftToOtherCommands(root));
rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.exitCode = report.failed > 0 || end.signal.aborted ? 1 : 0;
