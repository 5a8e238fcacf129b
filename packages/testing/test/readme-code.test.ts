import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { codeBlocks } from "../src/code-blocks.ts";
import { readFromRoot, root } from "../src/root.ts";
import { runProgram } from "../src/run-program.ts";
import { assertAnswered, type Outcomes, runPrograms } from "../src/run-programs.ts";
import { publishedPackages } from "../src/workspace.ts";

// The programs are laid inside this package, from where every package of ours and every framework can be imported.
const folder = join(import.meta.dirname, "../.readme-code");

const pages = globSync(["README.md", "docs/**/*.md", "packages/*/README.md"], {
  cwd: root,
  exclude: ["docs/{api,node_modules}/**"],
}).toSorted();
const programs = pages.flatMap((page) =>
  codeBlocks(readFromRoot(page))
    .filter(({ language }) => language === "ts" || language === "js")
    .map(({ language, code, line }) => ({
      name: `${page}:${line}`,
      file: join(folder, `${page.replaceAll(/[^\w-]/g, "_")}_${line}.${language === "ts" ? "ts" : "cjs"}`),
      code,
    })),
);

before(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const { file, code } of programs) writeFileSync(file, code);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../../tsconfig.base.json",
      compilerOptions: { noEmit: true, customConditions: ["@aivillage/source"], noUnusedLocals: false, noUnusedParameters: false },
      include: ["*.ts", "../src/express-4.d.ts"],
    }),
  );
});
after(() => rmSync(folder, { recursive: true, force: true }));

// A project that sets no `lib` has the types of browsers beside those of Node, also for `fetch()` and streams.
for (const lib of ["es2024", "es2024,dom,dom.iterable"]) {
  test(`the code of the pages type-checks with ${lib}`, () => {
    // Most of what is checked are the sources, which seldom change between two runs.
    const buildInfo = join(root, `node_modules/.cache/readme-code-${lib.length}.tsbuildinfo`);
    const { stdout, status } = spawnSync(
      join(root, "node_modules/.bin/tsc"),
      ["-p", folder, "--lib", lib, "--incremental", "--tsBuildInfoFile", buildInfo],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stdout);
  });
}

/** A program that starts workers of itself must be one of its own. */
const startsWorkers = ({ code }: { code: string }): boolean => code.includes("node:cluster");

const filesOf = (page: string): string[] =>
  programs.filter((program) => program.name.startsWith(`${page}:`) && !startsWorkers(program)).map(({ file }) => file);
const pagesWithPrograms = pages.filter((page) => filesOf(page).length > 0);
const pagesPerProcess = 8;

for (let first = 0; first < pagesWithPrograms.length; first += pagesPerProcess) {
  const together = pagesWithPrograms.slice(first, first + pagesPerProcess);
  let running: Promise<Outcomes> | undefined;
  for (const page of together) {
    test(`the programs of ${page} run and respond`, async () => {
      running ??= runPrograms(together.flatMap(filesOf), { cwd: folder, execArgv: ["--conditions=@aivillage/source"] });
      assertAnswered(filesOf(page), await running);
    });
  }
}

for (const { name, file } of programs.filter(startsWorkers)) {
  test(`the program of ${name} runs and responds`, async () => {
    const program = runProgram(file, { cwd: root });
    try {
      const port = await program.port;
      if (port === undefined) return assert.equal(await program.exitCode, 0, program.output());
      const response = await fetch(`http://127.0.0.1:${port}/`);
      assert.ok(response.status < 500, `${response.status} ${await response.text()} ${program.output()}`);
    } finally {
      await program.stop();
    }
  });
}

test("every published package shows at least one program", () => {
  const shown = new Set(programs.map(({ name }) => name.split(":")[0]));
  assert.deepEqual(
    publishedPackages.map(({ folder: name }) => `packages/${name}/README.md`).filter((page) => !shown.has(page)),
    [],
  );
});
