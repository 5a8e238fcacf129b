import assert from "node:assert/strict";
import { execFile, type ExecFileException } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { codeBlocks } from "../src/code-blocks.ts";
import { installWithNpm, packAll, type Tarball } from "../src/pack.ts";
import { root } from "../src/root.ts";
import { publishedPackages } from "../src/workspace.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-modules-"));
/** A project that has all packages, Jest and TypeScript 5, and no configuration of either. */
const project = join(folder, "project");
const projects = join(import.meta.dirname, "projects");
const names = publishedPackages.flatMap(({ manifest }) => Object.keys(manifest.exports ?? {}).map((path) => manifest.name + path.slice(1)));

/** Runs a program in the project, without what this process was started with. @throws Error with what it printed */
function run(command: string, args: readonly string[], cwd = project): Promise<string> {
  const { PATH } = process.env;
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env: { PATH }, maxBuffer: 10_000_000 }, (error: ExecFileException | null, stdout, stderr) =>
      error === null ? resolve(stdout + stderr) : reject(new Error(stdout + stderr, { cause: error })),
    );
  });
}

/** What bundles of ES modules with CommonJS modules in them need, as the docs say. */
const banner = codeBlocks(readFileSync(join(root, "docs/module-systems.md"), "utf8"))
  .find(({ language }) => language === "mjs")
  ?.code.trim();

/** What a TypeScript project may say of its modules, and the `type` of its package. */
const resolutions = [
  { module: "commonjs", moduleResolution: "node10", type: "commonjs" },
  { module: "node16", moduleResolution: "node16", type: "commonjs" },
  { module: "node16", moduleResolution: "node16", type: "module" },
  { module: "nodenext", moduleResolution: "nodenext", type: "commonjs" },
  { module: "nodenext", moduleResolution: "nodenext", type: "module" },
  { module: "esnext", moduleResolution: "bundler", type: "module" },
] as const;

/** Lays a project of TypeScript 5 that imports all exports and holds the first example of each README. */
function layTypeScript({ type, ...modules }: (typeof resolutions)[number]): string {
  const sources = join(project, `${modules.moduleResolution}-${type}`);
  mkdirSync(sources);
  writeFileSync(join(sources, "package.json"), JSON.stringify({ type }));
  const imports = names.map((name, index) => `export * as all${index} from "${name}";`);
  writeFileSync(join(sources, "all.ts"), imports.join("\n"));
  for (const { folder: name, read } of publishedPackages) {
    const { code = "" } = codeBlocks(read("README.md")).find(({ language }) => language === "ts") ?? {};
    // A CommonJS module has no `await` at its top.
    if (!/^(const .+ = )?await /m.test(code)) writeFileSync(join(sources, `${name}.ts`), code);
  }
  const compilerOptions = {
    ...modules,
    strict: true,
    target: "es2023",
    lib: ["es2023"],
    esModuleInterop: true,
    types: ["node"],
    noEmit: true,
  };
  writeFileSync(join(sources, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  return sources;
}

describe("the packed packages", () => {
  let tarballs: readonly Tarball[] = [];
  before(() => {
    tarballs = packAll(folder);
    const libraries = ["express@5", "@types/express@5", "@types/node@24", "jest@30", "esbuild@0.28", "typescript@5", "@opentelemetry/api"];
    installWithNpm(project, [...publishedPackages.map(({ manifest }) => manifest.name), ...libraries], tarballs, "commonjs");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("work in a CommonJS project with Jest 30, without a configuration and without flags", async () => {
    cpSync(join(projects, "jest.cjs"), join(project, "all-packages.test.js"));
    assert.match(await run("node_modules/.bin/jest", ["all-packages"]), /\bTests: +7 passed, 7 total/);
  });

  test("share requests, events, errors and objects between the ES modules and the CommonJS modules of one process", async () => {
    cpSync(join(projects, "copies.process.ts"), join(project, "copies.mts"));
    assert.match(await run(process.execPath, ["--test-reporter=tap", "copies.mts"]), /^# pass 24$/m);
  });

  for (const resolution of resolutions) {
    const { module, moduleResolution, type } = resolution;
    test(`type-check in a project of TypeScript 5 with module ${module}, moduleResolution ${moduleResolution} and type ${type}`, async () => {
      await run("node_modules/.bin/tsc", ["-p", layTypeScript(resolution)]);
    });
  }

  for (const name of names) {
    test(`${name} has the same exports as ES module and as CommonJS module`, async () => {
      const program = `console.log(JSON.stringify([Object.keys(await import("${name}")), Object.keys(require("${name}"))]))`;
      const loader = `globalThis.require = process.getBuiltinModule("module").createRequire(import.meta.url + "/x.js");`;
      writeFileSync(join(project, "exports.mjs"), `${loader} ${program}`);
      const [imported = [], required = []] = JSON.parse(await run(process.execPath, ["exports.mjs"])) as string[][];
      const visible = imported.filter((each) => each !== "module.exports");
      assert.ok(visible.length > 0);
      assert.deepEqual(required.toSorted(), visible.toSorted());
    });
  }

  // The gateway is a program that starts workers of itself.
  for (const name of names.filter((each) => each !== "@aivillage/gateway")) {
    for (const format of ["cjs", "esm"] as const) {
      test(`${name} loads from a bundle that esbuild has written as ${format}`, async () => {
        const [entry, bundle] = [join(project, "bundle-entry.mjs"), join(folder, format === "cjs" ? "bundle.cjs" : "bundle.mjs")];
        writeFileSync(entry, `import * as all from "${name}"; console.log(Object.keys(all).length);`);
        const banners = format === "esm" ? [`--banner:js=${banner}`] : [];
        const options = ["--bundle", "--platform=node", `--format=${format}`, "--log-level=error", `--outfile=${bundle}`, ...banners];
        await run("node_modules/.bin/esbuild", [entry, ...options]);
        assert.match(await run(process.execPath, [bundle]), /^[1-9]\d*$/m);
      });
    }
  }

  for (const format of ["cjs", "esm"] as const) {
    test(`a key is created by a bundle that esbuild has written as ${format}`, async () => {
      const [entry, bundle] = [join(project, "bundle-entry.mjs"), join(project, format === "cjs" ? "bundle.cjs" : "bundle.mjs")];
      const program = `createKey(${JSON.stringify(join(folder, `${format}.yaml`))}, { id: "ada" }).then(({ entry }) => console.log(entry.id));`;
      writeFileSync(entry, `import { createKey } from "@aivillage/api-key-auth/keys-file"; ${program}`);
      const banners = format === "esm" ? [`--banner:js=${banner}`] : [];
      const options = ["--bundle", "--platform=node", `--format=${format}`, "--external:yaml", `--outfile=${bundle}`, ...banners];
      await run("node_modules/.bin/esbuild", [entry, "--log-level=error", ...options]);
      assert.equal(await run(process.execPath, [bundle]), "ada\n");
    });
  }

  test("@aivillage/console says that a bundle must leave it external", async () => {
    const [entry, bundle] = [join(project, "bundle-entry.mjs"), join(folder, "bundle.cjs")];
    writeFileSync(entry, `import { liveConsole } from "@aivillage/console"; liveConsole();`);
    await run("node_modules/.bin/esbuild", [entry, "--bundle", "--platform=node", "--log-level=error", `--outfile=${bundle}`]);
    await assert.rejects(run(process.execPath, [bundle]), /leave @aivillage\/console external/);
  });

  test("have a licence, and those of the libraries that their CommonJS build contains", () => {
    const installed = join(project, "node_modules/@aivillage");
    const licences = globSync("*/LICENSE", { cwd: installed });
    assert.equal(licences.length, publishedPackages.length);
    const bundled = globSync("*/dist/bundled-licences.txt", { cwd: installed }).map((file) => file.slice(0, file.indexOf("/")));
    assert.deepEqual(bundled.toSorted(), ["api-key-auth", "file-upload", "health-cascade", "input-sanitizer"]);
  });
});
