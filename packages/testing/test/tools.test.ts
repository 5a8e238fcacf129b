import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";

import { codeBlocks, forEachHost, listen, rawRequest, startDownstream, tableRows, eventually } from "../src/index.ts";
import { importsOf, packageOf } from "../src/workspace.ts";

describe("the scriptable downstream", () => {
  test("responds with status, headers and body, and records the request", async () => {
    await using downstream = await startDownstream({ status: 201, headers: { "x-made": "yes" }, body: { id: 1 } });
    const response = await fetch(`${downstream.url}/things?x=1`, { method: "POST", body: "hello" });
    assert.deepEqual([response.status, response.headers.get("x-made"), await response.json()], [201, "yes", { id: 1 }]);
    const [received] = downstream.received;
    assert.deepEqual(
      [received?.method, received?.url, received?.body.toString(), received?.complete],
      ["POST", "/things?x=1", "hello", true],
    );
  });

  test("chooses by request when its script is a function", async () => {
    await using downstream = await startDownstream(({ url }) => ({ status: url === "/a" ? 200 : 404 }));
    assert.equal((await fetch(`${downstream.url}/a`)).status, 200);
    assert.equal((await fetch(`${downstream.url}/b`)).status, 404);
  });

  test("waits before the head, and between the chunks of a body", async () => {
    await using downstream = await startDownstream({ delayMs: 60, body: "abcdef", slowBody: { chunks: 3, everyMs: 40 } });
    const start = performance.now();
    const response = await fetch(downstream.url);
    assert.ok(performance.now() - start >= 55);
    assert.equal(await response.text(), "abcdef");
    assert.ok(performance.now() - start >= 130);
  });

  test("resets before the head and in the middle of the body", async () => {
    await using downstream = await startDownstream({ reset: "before-head" });
    await assert.rejects(fetch(downstream.url));
    downstream.script = { reset: "mid-body", body: "0123456789" };
    const response = await fetch(downstream.url);
    await assert.rejects(response.text());
  });

  test("hangs, and notes when its client leaves", async () => {
    await using downstream = await startDownstream({ hang: true });
    const client = new AbortController();
    const left = assert.rejects(fetch(downstream.url, { signal: client.signal }));
    await eventually(() => downstream.received.length === 1, "the request came");
    assert.equal(downstream.received[0]?.clientLeftAt, undefined);
    client.abort();
    await left;
    await eventually(() => downstream.received[0]?.clientLeftAt !== undefined, "the close was seen");
  });

  test("sends events one by one", async () => {
    await using downstream = await startDownstream({ sse: { events: ["a", "b"], everyMs: 5 } });
    const response = await fetch(downstream.url);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    assert.equal(await response.text(), "data: a\n\ndata: b\n\n");
  });

  test("responds without reading the body if it has to ignore it", async () => {
    await using downstream = await startDownstream({ ignoreBody: true, status: 413 });
    const status = await new Promise((resolve) => {
      const sent = request(downstream.url, { method: "POST", headers: { "content-length": 1_000_000 } }, (res) => {
        resolve(res.statusCode);
        sent.destroy();
      });
      sent.on("error", () => undefined).write("start");
    });
    assert.equal(status, 413);
    assert.equal(downstream.received[0]?.complete, false);
  });
});

forEachHost((host) => {
  test("the host runs handlers in order and its own error handling", async () => {
    await using app = await host.serve([
      (_req, res, next) => next(void res.setHeader("x-first", "1")),
      (req, res, next) => (req.url === "/fail" ? next(Object.assign(new Error("no"), { status: 418 })) : void res.end("ok")),
    ]);
    const responded = await fetch(app.url);
    assert.deepEqual([responded.headers.get("x-first"), await responded.text()], ["1", "ok"]);
    assert.equal((await fetch(`${app.url}/fail`)).status, 418);
  });

  test("the host uses the error handler that it is given", async () => {
    await using app = await host.serve([(_req, _res, next) => next(new Error("no"))], (_error, _req, res, _next) => {
      res.statusCode = 599;
      res.end();
    });
    assert.equal((await fetch(app.url)).status, 599);
  });
});

test("raw bytes go out and come back as they are", async () => {
  await using server = await listen((_req, res) => void res.end("ok"));
  const response = await rawRequest(server.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(response, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/);
});

test("code blocks and tables are found in a page", () => {
  const page = "# A\n\n```ts\nconst a = 1;\n```\n\n| A | B |\n| --- | :-: |\n| `x` | y \\| z |\n";
  assert.deepEqual(codeBlocks(page), [{ language: "ts", code: "const a = 1;\n", line: 3 }]);
  assert.deepEqual(tableRows(page), [
    ["A", "B"],
    ["`x`", "y \\| z"],
  ]);
});

test("imports are found in every form, and not in comments", () => {
  const source = `import a, { b } from "one";\nimport type { C } from '@s/two/deep';\nexport * from "./three.ts";\nimport "four";\nconst x = await import("five");\n/** import z from "no" */`;
  assert.deepEqual(importsOf(source).map(packageOf), ["one", "@s/two", ".", "four", "five"]);
});
