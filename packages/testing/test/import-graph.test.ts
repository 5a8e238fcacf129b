import assert from "node:assert/strict";
import { test } from "node:test";

import { circularArrows } from "../src/import-graph.ts";
import { workspacePackages } from "../src/workspace.ts";

for (const each of workspacePackages) {
  test(`the files and folders of ${each.folder} import each other in one direction only`, () => {
    const causes = circularArrows(each).map(({ folder, from, to, cause }) => `${folder}: ${from} -> ${to} (${cause})`);
    assert.deepEqual(causes, []);
  });
}

/** A package that exists here only. */
const invented = (files: Readonly<Record<string, string>>) => ({
  folder: "invented",
  path: "/",
  manifest: { name: "@aivillage/invented" },
  sources: Object.keys(files),
  read: (file: string) => files[file] ?? "",
});

test("a circle between files is found, also one of types", () => {
  const arrows = circularArrows(
    invented({ "src/a.ts": 'import { b } from "./b.ts";', "src/b.ts": 'import type { A } from "./a.ts";', "src/c.ts": "" }),
  );
  assert.deepEqual(
    arrows.map(({ from, to }) => [from, to]),
    [
      ["a.ts", "b.ts"],
      ["b.ts", "a.ts"],
    ],
  );
});

test("a circle between folders is found where no file is in a circle", () => {
  const arrows = circularArrows(
    invented({
      "src/low/one.ts": 'import { two } from "../high/two.ts";',
      "src/high/two.ts": "",
      "src/high/three.ts": 'export { four } from "../low/four.ts";',
      "src/low/four.ts": "",
    }),
  );
  assert.deepEqual(
    arrows.map(({ folder, from, to, cause }) => [folder, from, to, cause]),
    [
      ["src", "low", "high", "src/low/one.ts -> src/high/two.ts"],
      ["src", "high", "low", "src/high/three.ts -> src/low/four.ts"],
    ],
  );
});
