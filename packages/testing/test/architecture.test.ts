import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { codeBlocks, tableRows } from "../src/code-blocks.ts";
import { readFromRoot, root } from "../src/root.ts";
import { publishedPackages, workspacePackages } from "../src/workspace.ts";

const page = readFromRoot("docs/architecture.md");
const gatewaySources = "packages/gateway/src";
const code = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
const codeOf = (pattern: RegExp): string[] => [...new Set(code(page).filter((text) => pattern.test(text)))];

/** Exists from the root of the repository, or in the sources of the gateway. */
const exists = (path: string): boolean => existsSync(join(root, path)) || existsSync(join(root, gatewaySources, path));

/** The rows below the heading of a table, by its first cell. */
function table(title: string): string[][] {
  const rows = tableRows(page);
  const start = rows.findIndex(([first]) => first === title);
  const columns = rows[start]?.length;
  const end = rows.findIndex((row, index) => index > start && row.length !== columns);
  return rows.slice(start + 1, end === -1 ? undefined : end);
}

void describe("docs/architecture.md", () => {
  test("names every published package in its table and in its picture, and no other", () => {
    const folders = publishedPackages.map(({ folder }) => folder).toSorted();
    const listed = page
      .slice(page.indexOf("| Package "), page.indexOf("## The gateway's folders"))
      .split("\n")
      .flatMap((line) => /^\| `([\w-]+)` /.exec(line)?.[1] ?? []);
    assert.deepEqual(listed.toSorted(), folders);
    const picture = codeBlocks(page).find(({ language }) => language === "mermaid")?.code ?? "";
    const nodes = [...picture.matchAll(/^ +([a-z][\w-]+)(?:\[.*\])?$/gm)].map((match) => match[1] ?? "").filter((name) => name !== "end");
    assert.deepEqual([...new Set(nodes)].toSorted(), folders);
  });

  test("names every private package", () => {
    const unnamed = workspacePackages.filter(({ folder }) => !page.includes(`\`${folder}\``)).map(({ folder }) => folder);
    assert.deepEqual(unnamed, []);
  });

  test("lists exactly the folders of the gateway", () => {
    const sources = workspacePackages.find(({ folder }) => folder === "gateway")?.sources ?? [];
    const folders = [...new Set(sources.flatMap((source) => /^src\/([\w-]+\/)/.exec(source)?.[1] ?? []))];
    const listed = table("Folder").flatMap(([folder = ""]) => code(folder).filter((name) => name.endsWith("/")));
    assert.deepEqual(listed.toSorted(), folders.toSorted());
  });

  test("names only files and folders that exist", () => {
    const files = codeOf(/^[\w./-]+\.ts$/).filter((path) => !["index.ts", "options.ts", "events.ts"].includes(path));
    const folders = codeOf(/^(?:packages|docs)\/[\w/-]+$|^[\w-]+\/$/).filter((path) => !["packages/", "options/"].includes(path));
    assert.ok(files.length > 30);
    assert.deepEqual(
      [...files, ...folders].filter((path) => !exists(path)),
      [],
    );
  });
});
