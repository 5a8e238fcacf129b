import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { codeBlocks } from "../src/code-blocks.ts";
import { firstExample, type FirstExample } from "../src/first-example.ts";
import { installWithNpm, installWithPnpm, packAll, type Tarball } from "../src/pack.ts";
import { assertResponded, runPrograms } from "../src/run-programs.ts";
import { publishedPackages } from "../src/workspace.ts";

/** Packages whose middleware passes an `HttpProblem` to `next()`; a host alone would write an error page of its own for it. */
const refusing = publishedPackages.filter(
  ({ folder, manifest, sources, read }) =>
    manifest.dependencies?.["@aivillage/middleware"] !== undefined &&
    !["access-log", "gateway", "http-server", "metrics"].includes(folder) &&
    sources.some((source) => /\bnew HttpProblem\(/.test(read(source))),
);

const examples = publishedPackages.map(firstExample);
const folder = mkdtempSync(join(tmpdir(), "aivillage-readme-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function runExample(project: string, { code }: FirstExample): Promise<void> {
  const file = join(project, "example.ts");
  writeFileSync(file, code);
  assertResponded([file], await runPrograms([file], { cwd: project }));
}

for (const { folder: name, read } of refusing) {
  test(`the first example of ${name} sends refusals through problemDetails()`, () => {
    assert.match(codeBlocks(read("README.md")).find(({ language }) => language === "ts")?.code ?? "", /\bproblemDetails\(\)/);
  });
}

describe("the first example of a README runs with nothing but what its line of installation names", () => {
  let tarballs: readonly Tarball[] = [];
  before(() => {
    tarballs = packAll(folder);
    installWithPnpm(join(folder, "pnpm"), new Map(examples.map(({ name, installed }) => [name, installed])), tarballs);
  });

  for (const example of examples) {
    test(`${example.name}, installed with pnpm`, () => runExample(join(folder, "pnpm", example.name), example));

    test(`${example.name}, installed with npm`, async () => {
      const project = join(folder, "npm", example.name);
      installWithNpm(project, example.installed, tarballs);
      await runExample(project, example);
    });
  }
});
