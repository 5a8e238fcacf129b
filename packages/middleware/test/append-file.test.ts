// Needs its own process: it replaces a function of node:fs.
import assert from "node:assert/strict";
import { pbkdf2 } from "node:crypto";
import fs, { closeSync, openSync, readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";

import { temporaryFile } from "@aivillage/testing";

import { AppendFile } from "../src/index.ts";

const { fsyncSync } = fs;
const unsynced = process.platform === "win32" && "no folder is synced there";

/** Every sync of a folder fails with this code, as on a file system that has none, or a disk that is broken. */
function failOnFolders(t: TestContext, code: string): void {
  const mocked = t.mock.method(fs, "fsyncSync", (fd: number) => {
    if (fs.fstatSync(fd).isDirectory()) throw Object.assign(new Error(code), { code });
    fsyncSync(fd);
  });
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
}

for (const code of ["EBADF", "EINVAL", "ENOSYS", "ENOTSUP"]) {
  test(`a file is opened, appended to and replaced where syncing a folder is an ${code}`, async (t) => {
    failOnFolders(t, code);
    using temporary = temporaryFile("journal");
    const file = AppendFile.open(temporary.path);
    await file.append("one\n");
    await file.replace("two\n");
    await file.append("three\n");
    file.finish();
    assert.equal(readFileSync(temporary.path, "utf8"), "two\nthree\n");
    AppendFile.replace(temporary.path, "four\n").finish();
    assert.equal(readFileSync(temporary.path, "utf8"), "four\n");
  });
}

test("a file whose folder fails after it was replaced is the one that is appended to", { skip: unsynced }, async (t) => {
  using temporary = temporaryFile("journal");
  const file = AppendFile.open(temporary.path);
  failOnFolders(t, "EIO");
  await assert.rejects(file.replace("two\n"), { code: "EIO" });
  await file.append("three\n");
  file.finish();
  assert.equal(readFileSync(temporary.path, "utf8"), "two\nthree\n");
  assert.throws(() => AppendFile.open(temporary.path), { code: "EIO" });
});

test("an append that has yet to begin when the file is finished is in it once, before the last text, and in no other file", async () => {
  using temporary = temporaryFile("journal");
  using another = temporaryFile("another");
  const file = AppendFile.replace(temporary.path, "one\n");
  // All threads of the pool are busy.
  const busy = Array.from({ length: Number(process.env["UV_THREADPOOL_SIZE"] ?? 4) }, () =>
    promisify(pbkdf2)("a", "b", 200_000, 64, "sha512"),
  );
  const appended = file.append("two\n");
  file.finish("three\n");
  const descriptor = openSync(another.path, "w");
  await Promise.all([appended, ...busy]);
  closeSync(descriptor);
  assert.equal(readFileSync(temporary.path, "utf8"), "one\ntwo\nthree\n");
  assert.equal(readFileSync(another.path, "utf8"), "");
});
