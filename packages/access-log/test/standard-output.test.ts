import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import { hangAfterMs } from "@aivillage/testing";

const program = `
import { createServer } from "node:http";
import { compose, toListener } from "@aivillage/middleware";
import { accessLog } from "./src/index.ts";
let closed = 0;
const server = createServer(toListener(compose(accessLog(), (_req, res) => void res.once("close", () => (closed += 1)).end("ok"))));
server.listen(0, "127.0.0.1", async () => {
  for (let count = 0; count < 20; count += 1) {
    const response = await fetch("http://127.0.0.1:" + server.address().port + "/" + count);
    if (await response.text() !== "ok") process.exit(7);
  }
  while (closed < 20) await new Promise((resolve) => setImmediate(resolve));
  process.exit(0);
});
`;

/** Runs a program in a process of its own; standard output goes to this file descriptor, or to a pipe. One that hangs is killed. */
function run(stdout: number | "pipe", source = program, stderr: "inherit" | "pipe" = "inherit") {
  const flags = ["--conditions=@aivillage/source", "--input-type=module", "--eval", source];
  const options = { cwd: new URL("..", import.meta.url), timeout: hangAfterMs, killSignal: "SIGKILL" } as const;
  const child = spawn(process.execPath, flags, { ...options, stdio: ["ignore", stdout, stderr] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, exited };
}

test("the default logger writes every line to standard output, also when the process exits at once", async () => {
  const { child, exited } = run("pipe");
  assert.ok(child.stdout !== null);
  const [output, code] = await Promise.all([text(child.stdout), exited]);
  assert.equal(code, 0);
  const paths = output
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { path: string }).path);
  assert.deepEqual(
    paths,
    Array.from({ length: 20 }, (_, index) => `/${index}`),
  );
});

test("lines of a worker thread are written too", async () => {
  const inWorker = `
import { Worker } from "node:worker_threads";
const source = ${JSON.stringify('import("@aivillage/access-log").then(({ createLogger }) => createLogger().info("of a thread"))')};
new Worker(source, { eval: true });
`;
  const { child, exited } = run("pipe", inWorker);
  assert.ok(child.stdout !== null);
  const [output, code] = await Promise.all([text(child.stdout), exited]);
  assert.deepEqual([code, (JSON.parse(output || "{}") as { msg?: string }).msg], [0, "of a thread"]);
});

test("a full disk loses lines, not requests", async () => {
  const { exited } = run(openSync("/dev/full", "w"));
  assert.equal(await exited, 0);
});

test("a closed pipe loses lines, not requests", async () => {
  const { child, exited } = run("pipe");
  child.stdout?.destroy();
  assert.equal(await exited, 0);
});

const flood = (end: string): string => `
import { createLogger } from "./src/index.ts";
const logger = createLogger();
const text = "x".repeat(1000);
for (let count = 0; count < 3000; count += 1) logger.info({ count, text }, "m");
${end}
`;

test("a reader that stalls holds up neither the process nor its end", async () => {
  const { child, exited } = run("pipe", flood("setTimeout(() => process.exit(0), 100);"));
  assert.equal(await exited, 0);
  child.stdout?.destroy();
});

test("lines that a stalled reader makes it drop are reported when it reads again", async () => {
  const { child, exited } = run(
    "pipe",
    `
import { createLogger, logLinesLost } from "./src/index.ts";
const logger = createLogger();
let lost = 0;
logLinesLost.subscribe(({ lines }) => process.stderr.write(\`lost \${(lost += lines)}\\n\`));
const text = "x".repeat(1000);
for (let count = 0; count < 20_000; count += 1) logger.info({ count, text }, "m");
const timer = setInterval(() => { if (lost > 0) clearInterval(timer); }, 5);
`,
    "pipe",
  );
  assert.ok(child.stdout !== null && child.stderr !== null);
  const [output, report, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  assert.equal(code, 0);
  const written = output.trimEnd().split("\n").length;
  assert.ok(written < 20_000);
  assert.equal(report, `lost ${20_000 - written}\n`);
});

/** Logs a line in every turn and reports what is lost, until it is stopped. A line is logged about the loss, too. */
const ticker = `
import { createLogger, logLinesLost } from "./src/index.ts";
const logger = createLogger();
let lost = 0;
let reports = 0;
logLinesLost.subscribe(({ lines }) => { lost += lines; reports += 1; logger.warn("lines were lost"); });
let count = 0;
process.stdin.on("data", () => { logger.info({ count: ++count }, "m"); setTimeout(() => process.stderr.write(JSON.stringify({ count, lost, reports }) + "\\n"), 5); });
`;

test("lines without a reader count as lost, and a named pipe that has a reader again gets the next ones", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "fifo-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const fifo = join(folder, "log");
  execFileSync("sh", ["-c", 'mkfifo "$0"', fifo]);
  const first = spawn("head", ["-n", "2", fifo]);
  const output = openSync(fifo, "w");
  const flags = ["--conditions=@aivillage/source", "--input-type=module", "--eval", ticker];
  const child = spawn(process.execPath, flags, { cwd: new URL("..", import.meta.url), stdio: ["pipe", output, "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  closeSync(output);
  assert.ok(child.stdin !== null && child.stderr !== null);
  const reports = createInterface(child.stderr)[Symbol.asyncIterator]();
  const log = async (): Promise<unknown> => {
    child.stdin?.write("x");
    return JSON.parse(String((await reports.next()).value));
  };
  const ended = once(first, "close");
  assert.deepEqual(await log(), { count: 1, lost: 0, reports: 0 });
  assert.deepEqual(await log(), { count: 2, lost: 0, reports: 0 });
  await ended;
  assert.deepEqual(await log(), { count: 3, lost: 1, reports: 1 });
  assert.deepEqual(await log(), { count: 4, lost: 2, reports: 2 });
  const second = spawn("cat", [fifo], { stdio: ["ignore", "pipe", "inherit"] });
  closeSync(openSync(fifo, "w"));
  assert.deepEqual(await log(), { count: 5, lost: 2, reports: 2 });
  child.kill("SIGKILL");
  assert.match(await text(second.stdout), /^\{[^\n]*"count":5[^\n]*\}\n$/);
});

test("three megabytes at once arrive whole and in order, whichever way the process ends", async () => {
  for (const [end, expected] of [
    ["", 0],
    ["process.exit(3);", 3],
    ["setTimeout(() => { throw new Error(); }, 5);", 1],
  ] as const) {
    const { child, exited } = run("pipe", `process.on("uncaughtException", () => process.exit(1));${flood(end)}`);
    assert.ok(child.stdout !== null);
    const [output, code] = await Promise.all([text(child.stdout), exited]);
    assert.equal(code, expected);
    const counts = output
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { count: number }).count);
    assert.deepEqual(
      counts,
      Array.from({ length: 3_000 }, (_, index) => index),
      `ended by ${end}`,
    );
  }
});

test("a line is written at once, not when something else happens", async () => {
  const { child, exited } = run(
    "pipe",
    `import { createLogger } from "./src/index.ts"; setInterval(() => undefined, 60_000); createLogger().info("now");`,
  );
  assert.ok(child.stdout !== null);
  child.stdout.setEncoding("utf8");
  for await (const output of child.stdout) {
    assert.match(String(output), /"msg":"now"\}\n$/);
    child.kill("SIGKILL");
  }
  await exited;
  assert.equal(child.signalCode, "SIGKILL");
});

test("lines go to the method that a process manager has put in the place of process.stdout.write", async () => {
  const source = `
    const lines = [];
    process.stdout.write = (line) => lines.push(line);
    const { createLogger } = await import("./src/index.ts");
    createLogger().info({ port: 8000 }, "listening");
    process.exit(lines.length === 1 && JSON.parse(lines[0]).msg === "listening" ? 0 : 7);
  `;
  const { child, exited } = run("pipe", source);
  assert.ok(child.stdout !== null);
  assert.deepEqual(await Promise.all([text(child.stdout), exited]), ["", 0]);
});

test("lines that a stalled reader makes it drop are reported while it stalls, and the output says so when it is read again", async () => {
  const { child, exited } = run(
    "pipe",
    `
import { createLogger, logLinesLost } from "./src/index.ts";
const logger = createLogger();
logLinesLost.subscribe(({ lines }) => {
  process.stderr.write(\`lost \${lines}\\n\`);
  logger.warn({ lines }, "log lines were lost");
});
const text = "x".repeat(1000);
for (let count = 0; count < 20_000; count += 1) logger.info({ count, text }, "m");
setInterval(() => undefined, 60_000);
`,
    "pipe",
  );
  assert.ok(child.stdout !== null && child.stderr !== null);
  const [report] = (await once(child.stderr.setEncoding("utf8"), "data")) as [string];
  const [, lost = ""] = /^lost (\d+)\n$/.exec(report) ?? [];
  assert.ok(Number(lost) > 0, report);
  let output = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    output += String(chunk);
    if (output.endsWith('"msg":"log lines were lost"}\n')) break;
  }
  const lines = output.trimEnd().split("\n");
  assert.equal((JSON.parse(lines.at(-1) ?? "") as { lines: number }).lines, Number(lost));
  assert.equal(lines.length - 1 + Number(lost), 20_000);
  child.kill("SIGKILL");
  await exited;
});

test("workers that share an output cut no line of each other, however slowly it is read", async (t) => {
  const file = join(import.meta.dirname, "shared-output.process.ts");
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", file], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  let written = "";
  for await (const chunk of child.stderr.setEncoding("utf8")) {
    written += String(chunk);
    if (written === "written\nwritten\n") break;
  }
  let output = "";
  let count = 0;
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    output += String(chunk);
    count += String(chunk).split("\n").length - 1;
    if (count === 6_000) break;
  }
  const counts = output
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { count: number }).count);
  assert.deepEqual(
    counts.toSorted((one, other) => one - other),
    Array.from({ length: 6_000 }, (_, index) => Math.floor(index / 2)),
  );
});
