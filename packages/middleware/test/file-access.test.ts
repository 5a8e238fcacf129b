import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { fileAccess, isOutOfReach, openFolderOf } from "@aivillage/middleware";

/** A file in two folders of its own. */
function makeFile(t: TestContext) {
  const top = mkdtempSync(join(tmpdir(), "file-access-"));
  t.after(() => rmSync(top, { recursive: true }));
  const folder = join(top, "folder");
  const path = join(folder, "secret");
  mkdirSync(folder);
  writeFileSync(path, "secret", { mode: 0o600 });
  return { top, folder, path };
}

test("the mode says whether others may write a file, and whether everybody may read it", (t) => {
  const { path } = makeFile(t);
  const cases: readonly (readonly [mode: number, shown: string, othersWrite: boolean, everybodyReads: boolean])[] = [
    [0o600, "0600", false, false],
    [0o640, "0640", false, false],
    [0o644, "0644", false, true],
    [0o620, "0620", true, false],
    [0o602, "0602", true, false],
  ];
  for (const [mode, shown, othersWrite, everybodyReads] of cases) {
    chmodSync(path, mode);
    assert.deepEqual(fileAccess(path), { mode: shown, othersWrite, everybodyReads });
  }
});

test("of a link the file behind it counts, and a missing file has no access", (t) => {
  const { top, path } = makeFile(t);
  const link = join(top, "link");
  symlinkSync(path, link);
  chmodSync(path, 0o644);
  assert.equal(fileAccess(link)?.mode, "0644");
  assert.equal(fileAccess(join(top, "missing")), undefined);
  assert.equal(openFolderOf(join(top, "missing")), undefined);
});

test("a folder that only its owner may enter keeps a file out of reach", (t) => {
  const { top, path } = makeFile(t);
  assert.equal(isOutOfReach(path), true, "the folder of this test is private");
  chmodSync(top, 0o755);
  assert.equal(isOutOfReach(path), isOutOfReach(top), "the temporary folder may be private too");
});

test("a folder on the way in which others may replace what is there is open, without the sticky bit", (t) => {
  const { top, folder, path } = makeFile(t);
  assert.equal(openFolderOf(path), undefined);
  chmodSync(folder, 0o777);
  assert.equal(openFolderOf(path), folder);
  chmodSync(folder, 0o1777);
  assert.equal(openFolderOf(path), undefined);
  chmodSync(top, 0o777);
  assert.equal(openFolderOf(path), top);
});

test("Windows shows every file as writable by all, which says nothing", (t) => {
  const { path } = makeFile(t);
  chmodSync(path, 0o666);
  const { platform } = process;
  Object.defineProperty(process, "platform", { value: "win32" });
  t.after(() => Object.defineProperty(process, "platform", { value: platform }));
  assert.deepEqual([fileAccess(path), openFolderOf(path)], [undefined, undefined]);
});
