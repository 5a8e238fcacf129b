import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { hangAfterMs, temporaryFile } from "@aivillage/testing";

import { verifyAudit } from "../../src/index.ts";
import { key, recordsOf } from "./folder.ts";

const noLimit = process.platform === "win32" && "there is no ulimit";

test("a log that has to begin a new file without descriptors for it keeps every record", { skip: noLimit }, async () => {
  using file = temporaryFile("audit.log");
  const program = [process.execPath, "--conditions=@aivillage/source", join(import.meta.dirname, "descriptors.process.ts"), file.path];
  const { stdout, stderr } = spawnSync("sh", ["-c", 'ulimit -n 128 && exec "$0" "$@"', ...program], {
    encoding: "utf8",
    timeout: hangAfterMs,
  });
  const { call, outcomes } = JSON.parse(stdout || `{"outcomes":${JSON.stringify(stderr)}}`) as { call: number; outcomes: unknown };
  assert.deepEqual(outcomes, ["EMFILE", "EMFILE", "EMFILE"]);
  assert.deepEqual((await verifyAudit(file.path, { key })).problems, []);
  assert.deepEqual(
    recordsOf(file.path).map((record) => record["call"]),
    Array.from({ length: call }, (_, index) => index + 1),
  );
});
