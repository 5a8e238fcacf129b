import assert from "node:assert/strict";
import { ServerResponse } from "node:http";
import { test } from "node:test";

import { LeanResponse } from "@aivillage/http-server";
import { FieldBlock } from "@aivillage/middleware";
import { listen, rawRequest } from "@aivillage/testing";

const block = new FieldBlock([
  ["X-One", "1"],
  ["X-Two", "2"],
]);

/** The header lines of the response that are named `X-...`. */
async function linesOf(respond: (res: ServerResponse) => void, kind = LeanResponse as typeof ServerResponse): Promise<string[]> {
  await using server = await listen(
    (_req, res) => {
      respond(res);
      res.end();
    },
    { ServerResponse: kind },
  );
  const bytes = await rawRequest(server.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  return bytes.split("\r\n").filter((line) => line.toLowerCase().startsWith("x-"));
}

for (const kind of [LeanResponse, ServerResponse] as (typeof ServerResponse)[]) {
  test(`a block sets its headers on a ${kind.name}`, async () => {
    assert.deepEqual(await linesOf((res) => block.setOn(res), kind), ["X-One: 1", "X-Two: 2"]);
  });

  test(`the headers of a block can be read, replaced and removed on a ${kind.name}`, async () => {
    const lines = await linesOf((res) => {
      res.setHeader("x-two", "before");
      block.setOn(res);
      new FieldBlock([["X-Three", "3"]]).setOn(res);
      assert.equal(res.getHeader("x-two"), "2");
      res.removeHeader("X-One");
      res.setHeader("x-three", "4");
    }, kind);
    assert.deepEqual(lines, ["X-Two: 2", "x-three: 4"]);
  });
}

test("blocks and single headers are sent in the order in which they were set", async () => {
  const lines = await linesOf((res) => {
    res.setHeader("X-Zero", "0");
    block.setOn(res);
    res.setHeader("X-Three", "3");
    new FieldBlock([["X-Four", "4"]]).setOn(res);
    res.setHeader("X-Five", "5");
  });
  assert.deepEqual(lines, ["X-Zero: 0", "X-One: 1", "X-Two: 2", "X-Three: 3", "X-Four: 4", "X-Five: 5"]);
});

test("code that patches `setHeader()` of a response sees every header", async () => {
  const seen: string[] = [];
  await linesOf((res) => {
    const setHeader = res.setHeader.bind(res);
    res.setHeader = (name, value) => {
      seen.push(name);
      return setHeader(name, value);
    };
    block.setOn(res);
  });
  assert.deepEqual(seen, ["X-One", "X-Two"]);
});

test("a block set after the head was sent throws as `setHeader()` does", async () => {
  await linesOf((res) => {
    res.flushHeaders();
    assert.throws(() => block.setOn(res), { code: "ERR_HTTP_HEADERS_SENT" });
  });
});
