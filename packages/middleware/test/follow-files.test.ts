import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { eventually } from "@aivillage/testing";

import { type FileChange, FileSnapshot, followFiles, settledSnapshot } from "../src/index.ts";

interface Followed {
  /** What was applied and refused, in order. */
  readonly log: string[];
  readonly applyNow: () => Promise<boolean>;
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "follow-files-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Follows one file and refuses each text that begins with "bad". */
function follow(t: TestContext, path: string, watch: (change: FileChange) => void = () => undefined): Followed {
  const log: string[] = [];
  let inForce = FileSnapshot.of([path]);
  const { applyNow, close } = followFiles({
    everyMs: 5,
    inForce: () => inForce,
    apply: (found, change) => {
      watch(change);
      const text = found.textOf(path) ?? "missing";
      if (text.startsWith("bad") || text === "missing") throw new Error(text);
      inForce = found;
      log.push(`applied ${text}`);
    },
    onRefused: ({ message }) => void log.push(`refused ${message}`),
  });
  t.after(close);
  return { log, applyNow };
}

test("a changed file is applied whether it is written in place, renamed into place, or swapped through a link", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "settings");
  writeFileSync(path, "1");
  const { log } = follow(t, path);
  writeFileSync(path, "2");
  await eventually(() => log.at(-1) === "applied 2", "the rewritten file is applied");
  writeFileSync(join(folder, "next"), "3");
  renameSync(join(folder, "next"), path);
  await eventually(() => log.at(-1) === "applied 3", "the renamed file is applied");
  writeFileSync(join(folder, "linked"), "4");
  symlinkSync("linked", join(folder, "link"));
  renameSync(join(folder, "link"), path);
  await eventually(() => log.at(-1) === "applied 4", "the linked file is applied");
  assert.deepEqual(log, ["applied 2", "applied 3", "applied 4"]);
});

test("a refused file is reported once, and the previous text applies again when it comes back", async (t) => {
  const path = join(temporaryFolder(t), "settings");
  writeFileSync(path, "1");
  const { log } = follow(t, path);
  writeFileSync(path, "bad");
  await eventually(() => log.length === 1, "the bad text is refused");
  chmodSync(path, 0o600);
  rmSync(path);
  await eventually(() => log.length === 2, "the missing file is refused");
  writeFileSync(path, "1");
  await eventually(() => log.length === 3, "the good text is applied");
  assert.deepEqual(log, ["refused bad", "refused missing", "applied 1"]);
});

test("a request applies the files although they have not changed, and reports the same refusal again", async (t) => {
  const path = join(temporaryFolder(t), "settings");
  writeFileSync(path, "1");
  const { log, applyNow } = follow(t, path);
  assert.equal(await applyNow(), true);
  writeFileSync(path, "bad");
  await eventually(() => log.length === 2, "the bad text is refused");
  await applyNow();
  assert.deepEqual(log, ["applied 1", "refused bad", "refused bad"]);
});

test("a refused change is tried again when a file that it watches changes", async (t) => {
  const folder = temporaryFolder(t);
  const [path, other] = [join(folder, "settings"), join(folder, "other")];
  writeFileSync(path, "1");
  let tries = 0;
  follow(t, path, (change) => {
    tries += 1;
    change.watch([other]);
  });
  writeFileSync(path, "bad");
  await eventually(() => tries > 0, "the bad text is tried");
  const before = tries;
  writeFileSync(other, "");
  await eventually(() => tries > before, "it is tried again");
});

test("a snapshot reads each file once, names what is missing, and goes to another process", async (t) => {
  const path = join(temporaryFolder(t), "settings");
  writeFileSync(path, "1");
  const files = FileSnapshot.of([path, `${path}.none`]);
  writeFileSync(path, "2");
  const copy = new FileSnapshot(structuredClone(files.entries));
  assert.deepEqual([copy.textOf(path), copy.look(`${path}.none`)], ["1", { code: "ENOENT" }]);
  assert.deepEqual([copy.equals(files), copy.equals(files.again())], [true, false]);
  assert.equal((await settledSnapshot(files))?.textOf(path), "2");
});

test("files are not applied again before the last application has settled", async (t) => {
  const path = join(temporaryFolder(t), "settings");
  writeFileSync(path, "1");
  let inForce = FileSnapshot.of([path]);
  const log: string[] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { applyNow, close } = followFiles({
    everyMs: 5,
    inForce: () => inForce,
    apply: async (found) => {
      log.push("begins");
      await released;
      inForce = found;
      log.push("ends");
    },
    onRefused: ({ message }) => void log.push(message),
  });
  t.after(close);
  const first = applyNow();
  const second = applyNow();
  await eventually(() => log.length === 1, "the first application begins");
  release();
  await Promise.all([first, second]);
  assert.deepEqual(log, ["begins", "ends", "begins", "ends"]);
});

test("an application that rejects is a refusal", async (t) => {
  const path = join(temporaryFolder(t), "settings");
  writeFileSync(path, "1");
  const refused: string[] = [];
  const { applyNow, close } = followFiles({
    everyMs: 5,
    inForce: () => FileSnapshot.of([path]),
    apply: () => Promise.reject(new Error("not this one")),
    onRefused: ({ message }) => void refused.push(message),
  });
  t.after(close);
  await applyNow();
  assert.deepEqual(refused, ["not this one"]);
});
