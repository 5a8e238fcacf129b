import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, rmdirSync, statSync, truncateSync } from "node:fs";
import { test } from "node:test";

import { OptionError } from "@aivillage/middleware";
import { eventually, forEachHost, temporaryFile } from "@aivillage/testing";

import { type AuditAvailabilityChanged, auditAvailabilityChanged, auditLog, isAuditLogPath, verifyAudit } from "../../src/index.ts";
import { key, logFiles, recordsOf, writeLog } from "./folder.ts";

test("records are lines with number, time, digest of the line before and their own", async () => {
  using file = temporaryFile("audit.log");
  await writeLog({ path: file.path }, 2);
  const [first = "", second = ""] = readFileSync(file.path, "utf8").split("\n");
  const [one, two] = [first, second].map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([one?.["seq"], two?.["seq"]], [1, 2]);
  assert.deepEqual(one?.["record"], { principal: "ada", model: "gpt-4o", call: 1 });
  assert.equal(two?.["previous"], one?.["digest"]);
  assert.match(String(one?.["time"]), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.equal(statSync(file.path).mode & 0o777, 0o600);
});

test("no character of a record is left that a terminal obeys or that ends a line for some readers", async () => {
  using file = temporaryFile("audit.log");
  const model = "gpt\u001b\u007f\u0085\u009b31m\u2028\u2029";
  const audit = auditLog({ path: file.path, key });
  audit.write({ model });
  await audit.close();
  assert.match(readFileSync(file.path, "utf8"), /^[ -~]+\n$/);
  assert.deepEqual(recordsOf(file.path), [{ model }]);
  assert.equal((await verifyAudit(file.path, { key })).valid, true);
});

test("a log that is opened again goes on, also after a line that was broken off", async () => {
  using file = temporaryFile("audit.log");
  await writeLog({ path: file.path, key }, 3);
  appendFileSync(file.path, '{"seq":4,"ti');
  await writeLog({ path: file.path, key }, 2);
  assert.deepEqual(
    recordsOf(file.path).map(({ call }) => call),
    [1, 2, 3, 1, 2],
  );
  assert.equal((await verifyAudit(file.path, { key })).valid, true);
});

test("a log that was cut off, or has another key, is not continued", async () => {
  using file = temporaryFile("audit.log");
  await writeLog({ path: file.path, key }, 3);
  assert.throws(() => auditLog({ path: file.path, key: "another key of this length" }), /has another key; check it with/);
  truncateSync(file.path, statSync(file.path).size - 1);
  assert.throws(() => auditLog({ path: file.path, key }), /ends with number 2, but its head file names 3/);
});

test("two logs cannot write one file", async () => {
  using file = temporaryFile("audit.log");
  const audit = auditLog({ path: file.path });
  assert.throws(() => auditLog({ path: file.path }), /this process uses it already/);
  await audit.close();
});

test("a log cannot have the name that another log gives the files beside it", () => {
  for (const path of ["", "audit.202611292054", "logs/audit.000000000001", "audit.head", "audit.log.lock"]) {
    assert.throws(() => auditLog({ path }), /option `path` must be a path that does not end in \.head, \.lock, or a dot and 12 digits/);
  }
  for (const path of ["audit.20261129205400", "202611292054", "audit.head.log"]) assert.ok(isAuditLogPath(path), path);
});

test("a short key is refused, and not shown", () => {
  assert.throws(
    () => auditLog({ path: "/nowhere", key: "hunter2" }),
    (error) => error instanceof OptionError && error.option === "key" && !error.message.includes("hunter2"),
  );
});

test("values of secret names and records that are too long are left out, and cycles are cut", async () => {
  using file = temporaryFile("audit.log");
  const audit = auditLog({ path: file.path });
  const cycle: Record<string, unknown> = { model: "m" };
  cycle["self"] = cycle;
  audit.write({ authorization: "Bearer abc", model: "a\nb" });
  audit.write({ text: "x".repeat(40_000) });
  audit.write(cycle);
  await audit.close();
  const [secret, long, cyclic] = recordsOf(file.path);
  assert.deepEqual(secret, { authorization: "[redacted]", model: "a\nb" });
  assert.deepEqual(long, { left_out: "a record of 40011 bytes" });
  assert.deepEqual(cyclic, { model: "m", self: "[circular]" });
  assert.equal((await verifyAudit(file.path)).valid, true);
});

test("a new file begins with a new day", async (t) => {
  using file = temporaryFile("audit.log");
  t.mock.timers.enable({ apis: ["Date"], now: Date.parse("2026-01-01T23:59:59Z") });
  const audit = auditLog({ path: file.path, daily: true });
  audit.write({ day: 1 });
  await audit.flushed();
  t.mock.timers.setTime(Date.parse("2026-01-02T00:00:01Z"));
  audit.write({ day: 2 });
  await audit.close();
  assert.equal(logFiles(file.path).length, 2);
  assert.equal((await verifyAudit(file.path)).valid, true);
});

/** A log whose next record needs a new file, which cannot be begun until the result is called. */
async function failingLog(path: string, onFailure: "refuse" | "continue") {
  const audit = auditLog({ path, maxBytes: 1_024, maxWaiting: 3, onFailure });
  audit.write({ text: "x".repeat(1_024) });
  await audit.flushed();
  const obstacle = `${path}.000000000001`;
  mkdirSync(obstacle);
  audit.write({ call: 1 });
  await assert.rejects(audit.flushed(), { syscall: "rename" });
  return { audit, clear: () => rmdirSync(obstacle) };
}

test("what cannot be written is reported once and written later, and lost records are counted in the log", async (t) => {
  using file = temporaryFile("audit.log");
  const changes: AuditAvailabilityChanged[] = [];
  t.after(auditAvailabilityChanged.subscribe((change) => changes.push(change)));
  const { audit, clear } = await failingLog(file.path, "continue");
  for (let call = 2; call <= 6; call += 1) audit.write({ call });
  await assert.rejects(audit.flushed());
  clear();
  await audit.flushed();
  await audit.close();
  assert.deepEqual(recordsOf(file.path).slice(1), [{ call: 1 }, { call: 2 }, { call: 3 }, { call: 4 }, { lost_records: 2 }]);
  assert.deepEqual(
    changes.map(({ available, lost }) => [available, lost]),
    [
      [false, 0],
      [true, 2],
    ],
  );
  assert.equal((await verifyAudit(file.path)).valid, true);
});

forEachHost((host) => {
  test("requests are refused while the log cannot be written, and pass again when it can", async () => {
    using file = temporaryFile("audit.log");
    const { audit, clear } = await failingLog(file.path, "refuse");
    await using app = await host.serve([audit.handler, (_req, res) => void res.end("ok")]);
    const url = `http://127.0.0.1:${app.port}/`;
    assert.equal((await fetch(url)).status, 503);
    clear();
    await eventually(() => audit.isAvailable, "the log is written again");
    assert.equal((await fetch(url)).status, 200);
    await audit.close();
  });
});

test("requests pass while the log cannot be written by default", async () => {
  using file = temporaryFile("audit.log");
  const { audit, clear } = await failingLog(file.path, "continue");
  const passed: unknown[] = [];
  audit.handler({} as never, {} as never, (error) => passed.push(error));
  assert.deepEqual(passed, [undefined]);
  clear();
  await audit.close();
});
