import { spawn } from "node:child_process";

import { hostsFolder } from "./prepare.ts";

/** The result of each check: `ok`, or what went wrong. */
export type Results = Readonly<Record<string, string>>;

const longestMs = 120_000;

/** Runs all checks on one host in its own process. `mode`: the host's own error handler, or problem documents. */
export async function runOnHost(command: readonly string[], host: string, mode: "stock" | "problems"): Promise<Results> {
  const [program = "", ...args] = command;
  // It inherits the environment, since npm fetches some of the runtimes and may need a proxy or certificates for that.
  const child = spawn(program, [...args, "run-host.mjs", host, mode], { cwd: hostsFolder, stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), longestMs);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  const line = /^@results (.*)$/m.exec(output)?.[1];
  return line === undefined ? { "the host starts": lastLines(output) } : (JSON.parse(line) as Results);
}

function lastLines(output: string): string {
  const reported = output
    .split("\n")
    .filter((text) => /error/i.test(text))
    .slice(0, 2);
  return (reported.length > 0 ? reported.join(" ") : output.slice(-300)).trim() || "it was ended after two minutes";
}
