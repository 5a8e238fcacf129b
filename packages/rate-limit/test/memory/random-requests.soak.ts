import assert from "node:assert/strict";
import { test } from "node:test";

import { sendAtRandom } from "./random-requests.ts";

test("in a million requests no trailing window exceeds a limit and no steady client is refused", (context) => {
  const sent = sendAtRandom(400, 150);
  context.diagnostic(`${sent} requests`);
  assert.ok(sent >= 1_000_000, String(sent));
});
