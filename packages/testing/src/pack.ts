import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { pnpmCommand } from "./pnpm-command.ts";
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
  const filters = publishedPackages.map(({ manifest }) => `--filter=${manifest.name}`);
  pnpm(["--recursive", ...filters, "pack", "--pack-destination", folder], root);
  return publishedPackages.map((each) => {
    const { name, version = "" } = each.manifest;
    return { package: each, file: join(folder, `${name.slice(1).replace("/", "-")}-${version}.tgz`) };
  });
}

function pnpm(args: readonly string[], cwd: string): void {
  const started = pnpmCommand(args);
  run(started.command, started.args, cwd);
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

/** The dependencies of a project that uses `names`: our packages from their tarballs, others from the registry. */
function dependenciesOf(names: readonly string[], tarballs: readonly Tarball[]): Record<string, string> {
  const packed = new Map(tarballs.map(({ package: each, file }) => [each.manifest.name, `file:${file}`]));
  return Object.fromEntries(
    names.map((each) => {
      const [, name = each, version = "latest"] = /^(.[^@]*)@(.+)$/.exec(each) ?? [];
      return [name, packed.get(name) ?? version];
    }),
  );
}

/** What our packages need of each other comes from the tarballs too. */
function overridesOf(tarballs: readonly Tarball[]): Record<string, string> {
  return dependenciesOf(
    tarballs.map(({ package: each }) => each.manifest.name),
    tarballs,
  );
}

/** Makes an npm project that depends on `names`, such as `@aivillage/rate-limit` or `jest@30`, and nothing else. */
export function installWithNpm(folder: string, names: readonly string[], tarballs: readonly Tarball[], type = "module"): void {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "app", private: true, type, dependencies: dependenciesOf(names, tarballs), overrides: overridesOf(tarballs) };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"], folder);
}

/** Makes pnpm projects below `folder`, each with its own dependencies. A program of one can import nothing that is not among them. */
export function installWithPnpm(folder: string, projects: ReadonlyMap<string, readonly string[]>, tarballs: readonly Tarball[]): void {
  for (const [project, names] of projects) {
    mkdirSync(join(folder, project), { recursive: true });
    const manifest = { name: project, private: true, type: "module", dependencies: dependenciesOf(names, tarballs) };
    writeFileSync(join(folder, project, "package.json"), JSON.stringify(manifest));
  }
  const workspace = { packages: ["*"], overrides: overridesOf(tarballs), hoist: false, verifyDepsBeforeRun: false };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "apps", private: true }));
  // JSON is YAML.
  writeFileSync(join(folder, "pnpm-workspace.yaml"), JSON.stringify(workspace));
  pnpm(["install", "--prefer-offline", "--no-frozen-lockfile", "--ignore-scripts"], folder);
}
