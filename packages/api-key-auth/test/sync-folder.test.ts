// Needs its own process: it replaces functions of node:fs.
import assert from "node:assert/strict";
import fs from "node:fs";
import { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { test, type TestContext } from "node:test";

import { rotateKeys } from "../src/keys-file/index.ts";
import { keysFolder, now } from "./keys-folder.ts";

const { fsync } = fs;

/** Every sync of a folder fails with this code, as on a file system that has none, or a disk that is broken. */
function failOnFolders(t: TestContext, code: string): void {
  const mocked = t.mock.method(fs, "fsync", (fd: number, done: (error: Error | null) => void) => {
    if (fs.fstatSync(fd).isDirectory()) done(Object.assign(new Error(code), { code }));
    else fsync(fd, done);
  });
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
}

test("a key is handed out where handles of files have no sync(), as with the Plug'n'Play of Yarn", async (t) => {
  using keys = keysFolder();
  const handle = await open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  t.mock.method(prototype, "sync", () => Promise.reject(new Error("Method not implemented.")));
  const { key, keyId } = await keys.create("ada");
  assert.equal(keys.verdict(key), `ada ${keyId}`);
});

for (const code of ["EBADF", "EINVAL", "ENOSYS", "ENOTSUP"]) {
  test(`a key is handed out where syncing a folder is an ${code}`, async (t) => {
    failOnFolders(t, code);
    using keys = keysFolder();
    await keys.create("ada");
    const { key } = await rotateKeys(keys.path, "ada", { overlapMs: 0, now });
    assert.match(keys.verdict(key), /^ada /);
  });
}

test("a disk that fails is reported", { skip: process.platform === "win32" && "no folder is synced there" }, async (t) => {
  failOnFolders(t, "EIO");
  using keys = keysFolder();
  await assert.rejects(keys.create("ada"), { code: "EIO" });
});
