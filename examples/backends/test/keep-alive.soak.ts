import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { startPython } from "./python.ts";
import { skip, startExample } from "./support.ts";

// The proxy stops using a connection half a second before the service closes it, which a busy machine may lose on the way.
test("POSTs about when a Python service closes its idle connection all succeed", { skip: skip("python3") }, async (t) => {
  const service = await startPython(t);
  const gateway = await startExample(t, { PYTHON_URL: service.url });
  const post = async (body: string): Promise<string> => (await fetch(`${gateway.url}/python`, { method: "POST", body })).text();
  // Many connections, each with its own two seconds.
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      assert.equal(await post(`first ${index}`), `first ${index}`);
      await delay(1_900 + index * 5);
      assert.equal(await post(`second ${index}`), `second ${index}`);
    }),
  );
});
