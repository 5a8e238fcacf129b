import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

import { temporaryFile } from "@aivillage/testing";

import { verifyAudit } from "../../src/index.ts";

const key = "a key of sixteen bytes";

test("a log whose process is killed at any moment is valid, has every record that was safe, and goes on", async (t) => {
  using file = temporaryFile("audit.log");
  let safe = 0;
  for (let time = 0; time < 6; time += 1) {
    const child = fork(join(import.meta.dirname, "append.process.ts"), [file.path], { execArgv: ["--conditions=@aivillage/source"] });
    const exit = once(child, "exit");
    child.on("message", (seq: number) => (safe = Math.max(safe, seq)));
    await once(child, "message");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    child.kill("SIGKILL");
    await exit;
    const verdict = await verifyAudit(file.path, { key });
    assert.deepEqual(verdict.problems, []);
    assert.ok(verdict.head.seq >= safe, `the log ends with ${verdict.head.seq} after ${safe} had been safe`);
  }
  t.diagnostic(`${safe} records survived`);
  assert.ok(safe > 0);
});
