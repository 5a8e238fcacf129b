import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { onResponseClose } from "@aivillage/middleware";
import { eventually, forEachHost, listen } from "@aivillage/testing";

test("all listeners are called once, in their order and with the response, by a single listener of Node's", async () => {
  const called: unknown[] = [];
  let added = 0;
  await using app = await listen((_req, res) => {
    const before = res.listenerCount("close");
    for (const name of ["first", "second"]) {
      onResponseClose(res, function onClose(this: ServerResponse) {
        called.push([name, this === res]);
      });
    }
    added = res.listenerCount("close") - before;
    res.end();
  });
  await fetch(app.url);
  await eventually(() => called.length === 2, "both are called");
  assert.equal(added, 1);
  assert.deepEqual(called, [
    ["first", true],
    ["second", true],
  ]);
});

test("a listener that is added while they are called is not called", async () => {
  let calls = 0;
  await using app = await listen((_req, res) => {
    onResponseClose(res, () => {
      calls += 1;
      onResponseClose(res, () => assert.fail("it is called"));
    });
    res.end();
  });
  await fetch(app.url);
  await eventually(() => calls === 1, "the first is called");
});

forEachHost((host) => {
  test("it is called when the client has left without a response", async () => {
    let closed = false;
    const controller = new AbortController();
    await using app = await host.serve([
      (_req, res) => {
        onResponseClose(res, () => (closed = true));
        controller.abort();
      },
    ]);
    await assert.rejects(fetch(app.url, { signal: controller.signal }));
    await eventually(() => closed, "the response closes");
  });
});
