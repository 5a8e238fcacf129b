import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener, ServerResponse } from "node:http";
import { describe, test } from "node:test";

import { eventually } from "@aivillage/testing";

import { get, open, serve } from "./support.ts";

const countResponses = (text: string): number => text.match(/HTTP\/1\.1 200 /g)?.length ?? 0;
const echo: RequestListener = (req, res) => void res.end(`[${req.url}]`);

describe("pipelined requests", () => {
  test("20 at once are all served, in their order, on a connection that stays open", async (t) => {
    const { port, reached } = await serve(t, echo);
    const client = open(t, port, Array.from({ length: 20 }, (_, index) => get(index)).join(""));
    await eventually(() => countResponses(client.received()) === 20, "all responses");
    const order = [...client.received().matchAll(/\[\/(\d+)\]/g)].map(([, index]) => Number(index));
    assert.deepEqual(
      order,
      order.toSorted((one, other) => one - other),
    );
    client.socket.write(get("more"));
    await eventually(() => client.received().includes("[/more]"), "one more");
    assert.deepEqual(reached, []);
  });

  test("are handled one after the other", async (t) => {
    const begun: ServerResponse[] = [];
    const { port } = await serve(t, (_req, res) => void begun.push(res));
    const client = open(t, port, get(1) + get(2) + get(3));
    await eventually(() => begun.length === 1, "the first one");
    for (const index of [0, 1, 2]) {
      assert.equal(begun.length, index + 1);
      begun[index]?.end("x");
      await eventually(() => countResponses(client.received()) === index + 1, "its response");
      await eventually(() => begun.length === Math.min(index + 2, 3), "the next one");
    }
  });

  test("with bodies are served too", async (t) => {
    const { port } = await serve(t, (req, res) => void req.on("data", (chunk: Buffer) => res.write(chunk)).on("end", () => res.end("!")));
    const post = (body: string) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const client = open(t, port, post("one") + post("two") + post("three"));
    await eventually(() => countResponses(client.received()) === 3, "all responses");
    for (const body of ["one", "two", "three"]) assert.ok(client.received().includes(body));
  });

  test("beyond the bound are dropped: those that wait are served, the last response says close, and the client sends the rest again", async (t) => {
    let handled = 0;
    const { port, reached } = await serve(t, (req, res) => {
      handled += 1;
      echo(req, res);
    });
    const client = open(t, port, Array.from({ length: 2_000 }, (_, index) => get(index)).join(""));
    await client.closed;
    assert.equal(countResponses(client.received()), 33);
    assert.equal(handled, 33);
    assert.equal(client.received().match(/^Connection: close/gim)?.length, 1);
    assert.match(client.received(), /\[\/32\]$/m);
    assert.deepEqual(reached, ["pipelining closed"]);
  });

  for (const [kind, more, body] of [
    ["with a body", "Content-Length: 1\r\n", "x"],
    ["with a chunked body", "Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n"],
  ] as const) {
    test(`${kind} are bounded like all others, although none of them waits`, async (t) => {
      let handled = 0;
      const { port, reached } = await serve(t, (req, res) => {
        handled += 1;
        echo(req.resume(), res);
      });
      const client = open(t, port, Array.from({ length: 600 }, (_, index) => get(index, more) + body).join(""));
      await client.closed;
      assert.ok(handled <= 33, String(handled));
      assert.equal(client.received().match(/^Connection: close/gim)?.length, 1);
      assert.deepEqual(reached, ["pipelining closed"]);
    });
  }

  test("of a client that has left are not handled", async (t) => {
    const begun: ServerResponse[] = [];
    const { port } = await serve(t, (_req, res) => void begun.push(res));
    const client = open(t, port, get(1) + get(2) + get(3));
    await eventually(() => begun.length === 1, "the first one");
    client.socket.resetAndDestroy();
    await once(begun[0] as ServerResponse, "close");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(begun.length, 1);
  });
});

test("fewer pipelined requests may wait with a lower `maxPipelined`", async (t) => {
  const { port, reached } = await serve(t, echo, { maxPipelined: 3 });
  const client = open(t, port, Array.from({ length: 10 }, (_, index) => get(index)).join(""));
  await client.closed;
  assert.equal(countResponses(client.received()), 4);
  assert.deepEqual(reached, ["pipelining closed"]);
});

describe("what follows a request", () => {
  const broken = "this is no request\r\n\r\n";

  for (const [name, more] of [
    ["another request", get(2)],
    ["nonsense", broken],
    ["a lot of nonsense", "x".repeat(100_000)],
  ] as const) {
    test(`with Connection: close is ignored: ${name}`, async (t) => {
      const begun: ServerResponse[] = [];
      const { port } = await serve(t, (_req, res) => void begun.push(res));
      const client = open(t, port, get(1, "Connection: close\r\n") + more);
      await eventually(() => begun.length === 1, "the request");
      await new Promise((resolve) => setTimeout(resolve, 50));
      begun[0]?.end("whole");
      await client.closed;
      assert.match(client.received(), /^HTTP\/1\.1 200 OK\r\n[^]*whole$/);
      assert.equal(client.received().match(/HTTP\/1\.1 \d/g)?.length, 1);
    });
  }

  test("and is malformed gets its 400 after the response that is under way, and after one that is complete", async (t) => {
    const begun: ServerResponse[] = [];
    const { port } = await serve(t, (_req, res) => void begun.push(res));
    const pipelined = open(t, port, get(1) + broken);
    await eventually(() => begun.length === 1, "the request");
    begun[0]?.write("first ");
    setImmediate(() => begun[0]?.end("second"));
    await pipelined.closed;
    assert.match(pipelined.received(), /^HTTP\/1\.1 200 OK\r\n[^]*first [^]*second[^]*HTTP\/1\.1 400 Bad Request\r\n/);
    const later = open(t, port, get(1));
    await eventually(() => begun.length === 2, "the request");
    begun[1]?.end("done");
    await eventually(() => later.received().endsWith("done"), "the response");
    later.socket.write(broken);
    await later.closed;
    assert.match(later.received(), /done[^]*HTTP\/1\.1 400 Bad Request\r\n[^]*malformed-request/);
  });
});
