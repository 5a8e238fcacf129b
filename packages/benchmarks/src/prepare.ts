import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { start } from "./child.ts";
import { folders } from "./folders.ts";
import type { Progress } from "./progress.ts";

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

/**
 * Builds the gateway and the packages that it stands on, as they are published.
 *
 * @throws Error with the output of the tool that failed
 */
export async function buildGateway(progress: Progress): Promise<void> {
  progress.say("building the gateway");
  await run("npx", ["-y", "pnpm@12", "exec", "turbo", "run", "build", "--filter=@aivillage/gateway"], { cwd: folders.root });
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
