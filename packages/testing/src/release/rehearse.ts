// `pnpm release:rehearse`: a release against a registry on this machine, and what a user does afterwards: installs the gateway and each package
// from it in empty folders and runs their first examples. Nothing leaves the machine.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { firstExample, type FirstExample } from "../first-example.ts";
import { assertResponded, runPrograms } from "../run-programs.ts";
import { publishedPackages } from "../workspace.ts";
import { type LocalRegistry, startLocalRegistry } from "./local-registry.ts";
import { outputOf, pnpm, run, say } from "./run.ts";
import { tryDemo } from "./try-demo.ts";
import { writeSboms } from "./write-sboms.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-rehearsal-"));

/** Builds and publishes every package as a release does, but for the provenance, which only the workflow can sign. */
function publishAll({ url, npmrc }: LocalRegistry): void {
  pnpm(["run", "build", "--output-logs=errors-only"]);
  const userconfig = join(folder, "npmrc");
  writeFileSync(userconfig, npmrc);
  const filters = publishedPackages.map(({ manifest }) => `--filter=${manifest.name}`);
  const args = ["--recursive", ...filters, "publish", "--no-git-checks", "--no-provenance", "--registry", url];
  pnpm(args, {
    env: { ...process.env, NPM_CONFIG_USERCONFIG: userconfig, npm_config_userconfig: userconfig },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** An empty project whose packages of the scope come from the local registry. */
function makeProject(name: string, { npmrc }: LocalRegistry): string {
  const project = join(folder, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
  writeFileSync(join(project, ".npmrc"), npmrc);
  return project;
}

/** Each package with the packages that its README names, in its own project that finds nothing else. */
function installExamples(examples: readonly FirstExample[], registry: LocalRegistry): void {
  const apps = makeProject("apps", registry);
  for (const { name, installed } of examples) {
    const project = makeProject(`apps/${name}`, registry);
    const dependencies = Object.fromEntries(installed.map((each) => [each, "latest"]));
    writeFileSync(join(project, "package.json"), JSON.stringify({ name, private: true, type: "module", dependencies }));
  }
  const workspace = { packages: ["*"], hoist: false, verifyDepsBeforeRun: false, minimumReleaseAge: 0 };
  writeFileSync(join(apps, "pnpm-workspace.yaml"), JSON.stringify(workspace));
  pnpm(["install", "--prefer-offline", "--no-frozen-lockfile", "--ignore-scripts"], { cwd: apps, stdio: ["ignore", "ignore", "inherit"] });
}

/** Runs each example in its own project. One process loads them all, since they share most of their modules. */
async function runExamples(examples: readonly FirstExample[]): Promise<void> {
  const files = examples.map(({ name, code }) => {
    const file = join(folder, "apps", name, "example.ts");
    writeFileSync(file, code);
    return file;
  });
  assertResponded(files, await runPrograms(files, { cwd: join(folder, "apps") }));
}

async function rehearse(): Promise<void> {
  say("starts a registry on this machine");
  await using registry = await startLocalRegistry(folder);
  say("writes the bills of materials");
  writeSboms();
  say(`builds and publishes ${publishedPackages.length} packages`);
  publishAll(registry);

  say("installs the gateway with npm and runs its demo");
  const project = makeProject("gateway", registry);
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "@aivillage/gateway"], { cwd: project });
  say(`the gateway is ${outputOf("npx", ["aivillage-gateway", "--version"], { cwd: project }).trim()}`);
  const gateway = join(project, "node_modules/.bin/aivillage-gateway");
  run(gateway, ["init"], { cwd: project });
  run(gateway, ["check-config", "--config", "gateway.yaml"], { cwd: project });
  await tryDemo(project);

  const examples = publishedPackages.map(firstExample);
  say("installs each package with what its README names");
  installExamples(examples, registry);
  say(`runs the first examples of ${examples.map(({ name }) => name).join(", ")}`);
  await runExamples(examples);
}

try {
  await rehearse();
  say("the rehearsal has passed");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
