import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";

import { layPagePrograms, pagePrograms, pages } from "../src/page-code.ts";
import { root } from "../src/root.ts";
import { runProgram } from "../src/run-program.ts";
import { assertResponded, type Outcomes, runPrograms } from "../src/run-programs.ts";
import { publishedPackages } from "../src/workspace.ts";

const folder = layPagePrograms(".readme-code");
after(() => folder[Symbol.dispose]());
const programs = pagePrograms.map(({ name, code, file }) => ({ name, code, file: join(folder.path, file) }));

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
      running ??= runPrograms(together.flatMap(filesOf), { cwd: folder.path, execArgv: ["--conditions=@aivillage/source"] });
      assertResponded(filesOf(page), await running);
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
