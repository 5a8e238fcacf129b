import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

import { sendAtRandom } from "./random-requests.ts";

test("whatever comes under whatever policies, no trailing window exceeds a limit and no steady client is refused", () => {
  const sent = sendAtRandom(25, 60);
  assert.ok(sent > 2_000, String(sent));
});

test("1,000,000 addresses held at once cost at most 200 MiB", async () => {
  const child = fork(join(import.meta.dirname, "million-keys.process.ts"), { execArgv: ["--conditions=@aivillage/source"] });
  const [{ held, rssMib }] = (await once(child, "message")) as [{ held: number; rssMib: number }];
  assert.equal(held, 1_000_000);
  assert.ok(rssMib < 200, `${rssMib} MiB`);
});
