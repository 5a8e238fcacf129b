import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../root.ts";
import { hostsFolder, prepareHosts } from "./prepare.ts";
import { failuresOf, renderPage, type Row } from "./render-page.ts";
import { runOnHost } from "./run-on-host.ts";
import { runtimes } from "./runtimes.ts";

interface Host {
  readonly line: string;
  readonly before?: string;
  readonly runtimes?: readonly string[];
  readonly except?: Readonly<Record<string, string>>;
  readonly exceptStock?: Readonly<Record<string, string>>;
}

const startedAt = Date.now();
const say = (text: string): void => void process.stdout.write(`${Math.round((Date.now() - startedAt) / 1_000)} s: ${text}\n`);

const noDispatch = "Bun replaces undici by its own module, which has no `dispatch()`";

/** What is known not to work on runtimes other than Node. */
const knownOfRuntimes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Bun 1.4": {
    "the access log counts bytes": "Bun counts no bytes that came on a connection",
    "a file is received": "the form as Bun encodes it is refused with 415",
    "a proxied response arrives": noDispatch,
    "a proxied request body arrives": noDispatch,
    "an event stream arrives event by event": noDispatch,
    "502 for an upstream that is down": noDispatch,
  },
  "Deno 2.9": { "a file is received": "Buffer.compare() of Deno refuses ranges that Node accepts" },
};

async function runRow(name: string, command: readonly string[], host: string, { except, exceptStock, line, before }: Host): Promise<Row> {
  say(name);
  const stock = await runOnHost(command, host, "stock");
  const problems = await runOnHost(command, host, "problems");
  return { name, stock, problems, known: { ...except, ...exceptStock }, line, before };
}

/** The facts about the hosts, read in a process that sees the packed packages and not their sources. */
function readHosts(): Readonly<Record<string, Host>> {
  const program = 'import("./hosts.mjs").then(({ hosts }) => process.stdout.write(JSON.stringify(hosts)))';
  return JSON.parse(execFileSync(process.execPath, ["-e", program], { cwd: hostsFolder, encoding: "utf8" })) as Readonly<
    Record<string, Host>
  >;
}

/**
 * Runs the checks on all hosts, and then writes the compatibility page; or only on hosts and runtimes whose names begin with an argument.
 * With `--installed` the packages are those of the last run.
 */
async function main(options: readonly string[]): Promise<void> {
  if (!options.includes("--installed")) prepareHosts(say);
  const only = options.filter((each) => !each.startsWith("--"));
  const hosts = readHosts();
  const isSelected = (name: string): boolean => only.length === 0 || only.some((start) => name.startsWith(start));
  const rows: Row[] = [];
  for (const [name, host] of Object.entries(hosts).filter(([each]) => isSelected(each))) {
    const runtime = runtimes.find((each) => each.name.toLowerCase() === (host.runtimes?.[0] ?? "node 24"));
    rows.push(await runRow(name, runtime?.command ?? [process.execPath], name, host));
  }
  const runtimeRows: Row[] = [];
  for (const { name, command } of runtimes.filter((each) => isSelected(each.name)))
    runtimeRows.push(await runRow(name, command, "Express 5", { line: "", except: knownOfRuntimes[name] ?? {} }));
  const unexpected = [...rows, ...runtimeRows].flatMap(surprises);
  if (only.length === 0) writePage(rows, runtimeRows);
  for (const line of unexpected) process.stderr.write(`✖ ${line}\n`);
  say(unexpected.length === 0 ? "every check did as the page says" : `${unexpected.length} checks failed`);
  process.exitCode = unexpected.length === 0 ? 0 : 1;
}

/** Checks that fail for no known reason, and those that pass although a reason is given. */
function surprises(row: Row): string[] {
  const failed = failuresOf(row);
  return [
    ...failed
      .filter((check) => row.known[check] === undefined)
      .map((check) => `${row.name}: ${check}: ${row.stock[check]} / ${row.problems[check]}`),
    ...Object.keys(row.known)
      .filter((check) => !failed.includes(check))
      .map((check) => `${row.name}: ${check}: works, but is listed as what does not`),
  ];
}

function writePage(hosts: readonly Row[], ofRuntimes: readonly Row[]): void {
  const { dependencies } = JSON.parse(readFileSync(join(hostsFolder, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  const page = join(root, "docs/compatibility.md");
  writeFileSync(page, renderPage(hosts, ofRuntimes, dependencies));
  execFileSync(join(root, "node_modules/.bin/oxfmt"), [page], { cwd: root });
}

await main(process.argv.slice(2));
