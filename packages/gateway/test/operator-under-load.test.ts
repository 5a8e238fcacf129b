import assert from "node:assert/strict";
import { test } from "node:test";

import { operate, startOperated } from "../bench/support/operator.ts";
import { startLoad } from "../bench/support/steady-load.ts";

test("everything that an operator does through the admin listener costs no request, and what is refused has an audit line", async () => {
  await using operated = await startOperated();
  const { gateway } = operated;
  // Few, for a busy machine; `bench/operation.bench.ts` does the same with many.
  const load = startLoad({ target: () => gateway.url, perSecond: 40, connections: 8 });
  const actions = await operate(operated).finally(async () => {
    const { answered: responded, failures } = await load.stop();
    assert.deepEqual(failures, []);
    assert.ok(responded > 0);
  });
  assert.deepEqual(actions, [
    ["GET /status", 200],
    ["GET /config", 200],
    ["GET /penalties", 200],
    ["GET /keys", 200],
    ["GET /metrics", 200],
    ["PUT /log-level", 401],
    ["PUT /log-level", 403],
    ["PUT /log-level", 200],
    ["PUT /log-level", 200],
    ["DELETE /penalties", 200],
    ["POST /drain", 200],
    ["DELETE /drain", 200],
    ["GET /status", 200],
  ]);
  await gateway.told("admin action", 7);
  assert.deepEqual(
    gateway.lines("admin action").map(({ action, result, principal }) => [action, result, principal]),
    [
      ["PUT /log-level", "refused", undefined],
      ["PUT /log-level", "refused", "key:ada"],
      ["PUT /log-level", "done", "key:ops"],
      ["PUT /log-level", "done", "key:ops"],
      ["DELETE /penalties/{client}", "done", "key:ops"],
      ["POST /drain/{replica}", "done", "key:ops"],
      ["DELETE /drain/{replica}", "done", "key:ops"],
    ],
  );
});
