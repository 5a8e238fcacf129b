import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { start } from "./child.ts";
import { folders } from "./folders.ts";
import type { Progress } from "./progress.ts";

const scope = "@aivillage/";

/**
 * Builds the gateway, since the published form is what is measured, and installs the peers when they are not there in the
 * versions of their lockfile.
 *
 * @throws Error with the output of the tool that failed
 */
export async function prepare(progress: Progress): Promise<void> {
  await buildGateway(progress);
  await installPeers(progress);
}

/** @throws Error with the output of the compiler when it fails */
export async function buildGateway(progress: Progress): Promise<void> {
  progress.say("building the gateway");
  for (const name of buildOrder()) {
    await run(join(folders.root, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json"], { cwd: join(folders.root, "packages", name) });
  }
}

/** The gateway and the packages that it stands on, each after those that it needs itself. */
function buildOrder(name = "gateway", order: string[] = []): string[] {
  const text = readFileSync(join(folders.root, "packages", name, "package.json"), "utf8");
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
  for (const needed of Object.keys(dependencies)) {
    if (needed.startsWith(scope) && !order.includes(needed.slice(scope.length))) buildOrder(needed.slice(scope.length), order);
  }
  order.push(name);
  return order;
}

/** Installs the peers when they are not there in the versions of their lockfile. */
export async function installPeers(progress: Progress): Promise<void> {
  const lockfile = readFileSync(join(folders.peers, "package-lock.json"));
  const digest = createHash("sha256").update(lockfile).digest("hex");
  const stamp = join(folders.peers, "node_modules/.installed-lockfile");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  progress.say("installing the peers, once, about 220 packages");
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folders.peers });
  writeFileSync(stamp, digest);
}

async function run(command: string, args: readonly string[], { cwd }: { cwd: string }): Promise<void> {
  const child = start(command, args, { cwd }, "pipe");
  let output = "";
  child.process.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  if ((await child.ended) !== 0) throw new Error(`${[command, ...args].join(" ")} failed\n${output}${child.complaints()}`);
}
