import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { temporaryFile } from "@aivillage/testing";
import * as fc from "fast-check";

import { auditLog, verifyAudit } from "../../src/index.ts";
import { key, logFiles, writeLog } from "./folder.ts";

const file = temporaryFile("audit.log");
const { path } = file;
const lines = 24;
let files: readonly string[] = [];
const contents = new Map<string, Buffer>();

before(async () => {
  await writeLog({ path, key, maxBytes: 1_500 }, lines);
  files = logFiles(path);
  for (const each of [...files, `${path}.head`]) contents.set(each, readFileSync(each));
});
after(() => file[Symbol.dispose]());

function restore(): void {
  for (const [each, content] of contents) writeFileSync(each, content);
}

async function isFound(): Promise<boolean> {
  try {
    return !(await verifyAudit(path, { key })).valid;
  } finally {
    restore();
  }
}

/** A file of the log with lines, and its lines. */
const chosen = (): fc.Arbitrary<string> => fc.constantFrom(...files.filter((each) => linesOf(each).length > 0));
const linesOf = (each: string): string[] => contents.get(each)?.toString("latin1").split("\n").slice(0, -1) ?? [];
const write = (each: string, changed: readonly string[]): void =>
  writeFileSync(each, changed.map((line) => `${line}\n`).join(""), "latin1");

test("an untouched log over several files is valid", async () => {
  const verdict = await verifyAudit(path, { key });
  assert.deepEqual([verdict.valid, verdict.problems, verdict.lines, verdict.unsealed, verdict.isTorn], [true, [], lines, 0, false]);
  assert.ok(files.length > 2);
  assert.deepEqual(await verifyAudit([...files].toReversed(), { key }), verdict);
});

test("any change of a byte is found, in every file and in the head file", async () => {
  const position = fc.nat().chain((at) => fc.record({ at: fc.constant(at), by: fc.integer({ min: 1, max: 255 }) }));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...[...contents.keys()].filter((each) => contents.get(each)?.length !== 0)),
      position,
      async (each, { at, by }) => {
        const bytes = Buffer.from(contents.get(each) ?? []);
        const index = at % bytes.length;
        bytes.writeUInt8((bytes.readUInt8(index) + by) % 256, index);
        writeFileSync(each, bytes);
        assert.ok(await isFound(), `byte ${index} of ${each}`);
      },
    ),
    { numRuns: 400 },
  );
});

test("removed, repeated and swapped lines are found", async () => {
  await fc.assert(
    fc.asyncProperty(chosen(), fc.nat(), fc.nat(), fc.constantFrom("remove", "repeat", "swap"), async (each, first, second, change) => {
      const changed = linesOf(each);
      const [from, to] = [first % changed.length, second % changed.length];
      fc.pre(change !== "swap" || from !== to);
      const [line = "", other = ""] = [changed[from], changed[to]];
      if (change === "remove") changed.splice(from, 1);
      else if (change === "repeat") changed.splice(to, 0, line);
      else [changed[from], changed[to]] = [other, line];
      write(each, changed);
      assert.ok(await isFound(), `${change} ${from} ${to} of ${each}`);
    }),
    { numRuns: 200 },
  );
});

test("a log that is cut off at any byte is found", async () => {
  await fc.assert(
    fc.asyncProperty(chosen(), fc.nat(), async (each, at) => {
      const bytes = contents.get(each) ?? Buffer.alloc(0);
      writeFileSync(each, bytes.subarray(0, at % bytes.length));
      assert.ok(await isFound());
    }),
    { numRuns: 200 },
  );
});

test("a file that is missing is found", async () => {
  for (const each of [...files.slice(0, -1), `${path}.head`]) {
    rmSync(each);
    assert.ok(await isFound(), each);
  }
});

test("a log that was rebuilt without the key is found", async () => {
  using forged = temporaryFile("audit.log");
  await writeLog({ path: forged.path }, lines);
  for (const each of files) writeFileSync(each, "");
  copyFileSync(forged.path, path);
  copyFileSync(`${forged.path}.head`, `${path}.head`);
  assert.ok(await isFound());
});

test("a log that was set back together with its head file is found by a head that was kept elsewhere", async () => {
  using log = temporaryFile("audit.log");
  const audit = auditLog({ path: log.path, key });
  audit.write({ call: 1 });
  await audit.flushed();
  const [early, earlyHead] = [readFileSync(log.path), readFileSync(`${log.path}.head`)];
  audit.write({ call: 2 });
  await audit.flushed();
  const { head } = audit;
  await audit.close();
  assert.equal((await verifyAudit(log.path, { key, head })).valid, true);
  writeFileSync(log.path, early);
  writeFileSync(`${log.path}.head`, earlyHead);
  assert.equal((await verifyAudit(log.path, { key })).valid, true);
  const [problem] = (await verifyAudit(log.path, { key, head })).problems;
  assert.match(problem?.problem ?? "", /ends with number 1, but the given head names 2/);
});

test("a line that a crash broke off is reported and is no problem", async () => {
  appendFileSync(path, '{"seq":25,"time":"20');
  const { valid, isTorn } = await verifyAudit(path, { key });
  restore();
  assert.deepEqual([valid, isTorn], [true, true]);
});

test("a log whose older files were moved away is valid from the number of its first line", async () => {
  const [oldest = ""] = files;
  rmSync(oldest);
  const first = linesOf(oldest).length + 1;
  const [whole, fromThere] = [await verifyAudit(path, { key }), await verifyAudit(path, { key, first })];
  restore();
  assert.equal(whole.valid, false);
  assert.deepEqual([fromThere.valid, fromThere.lines], [true, lines - first + 1]);
});
