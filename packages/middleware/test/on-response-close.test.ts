import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";

import { isResponseDelivered, onResponseClose } from "@aivillage/middleware";
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

test("a response without a connection, as adapters of AWS Lambda make them, counts as closed and delivered when it has finished", async () => {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse({ method: "GET" } as IncomingMessage);
  const write = (_chunk: unknown, _encoding: unknown, written?: () => void): boolean => (written?.(), true);
  const ignore = (): void => undefined;
  const socket = { writable: true, _writableState: {}, on: ignore, removeListener: ignore, cork: ignore, uncork: ignore, write };
  res.assignSocket(socket as unknown as Socket);
  const calls: boolean[] = [];
  onResponseClose(res, () => calls.push(isResponseDelivered(req, res)));
  res.end("whole");
  await eventually(() => calls.length > 0, "it is called");
  res.emit("close");
  assert.deepEqual(calls, [true]);
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
