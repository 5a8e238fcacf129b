import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

import { root } from "./root.ts";
import { publishedPackages, type WorkspacePackage } from "./workspace.ts";

/** A package as it would be published. */
export interface Tarball {
  readonly package: WorkspacePackage;
  readonly file: string;
}

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });

/** Builds every published package and packs it into `folder`, as `pnpm publish` would. */
export function packAll(folder: string): Tarball[] {
  pnpm(["run", "build"], root);
  return publishedPackages.map((each) => {
    const file = join(folder, `${each.folder}.tgz`);
    pnpm(["pack", "--out", file], each.path);
    return { package: each, file };
  });
}

/** The pnpm that runs this script, or the one that npm fetches. */
function pnpm(args: readonly string[], cwd: string): void {
  const current = process.env["npm_execpath"] ?? "";
  if (!current.includes("pnpm")) run("npx", ["-y", "pnpm@12", ...args], cwd);
  else if (/\.[cm]?js$/.test(current)) run(process.execPath, [current, ...args], cwd);
  else run(current, args, cwd);
}

/**
 * Unpacks the tarballs below `folder/unpacked`, without a registry.
 *
 * Each gets links to exactly the libraries that its manifest declares. No folder above holds packages, so an undeclared import fails.
 */
export function unpackAll(tarballs: readonly Tarball[], folder: string): void {
  for (const { package: each, file } of tarballs) {
    const unpacked = unpackedPath(folder, each.manifest.name);
    mkdirSync(unpacked, { recursive: true });
    run("tar", ["-xzf", file, "-C", unpacked, "--strip-components=1"], folder);
    installUnpacked(unpacked, Object.keys(each.manifest.dependencies ?? {}), folder, each.path);
  }
}

/** Links `names` into `target/node_modules`: our packages as unpacked below `folder`, libraries as they are installed in `user`. */
export function installUnpacked(target: string, names: readonly string[], folder: string, user: string): void {
  for (const name of names) {
    const source = name.startsWith("@aivillage/") ? unpackedPath(folder, name) : realpathSync(join(user, "node_modules", name));
    link(source, join(target, "node_modules", name));
  }
}

function unpackedPath(folder: string, name: string): string {
  return join(folder, "unpacked", name.slice("@aivillage/".length));
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** Installs the packed packages with npm from the registry, as a user would. */
export function installWithNpm(tarballs: readonly Tarball[], folder: string): void {
  const files = tarballs.map(({ file }) => file);
  run("npm", ["init", "-y"], folder);
  run("npm", ["install", "--no-audit", "--no-fund", ...files], folder);
}
