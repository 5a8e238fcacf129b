import assert from "node:assert/strict";
import { ServerResponse } from "node:http";
import { test } from "node:test";

import { FieldBlock, LeanResponse } from "@aivillage/middleware";
import { listen, rawRequest } from "@aivillage/testing";

const block = new FieldBlock([
  ["X-One", "1"],
  ["X-Two", "2"],
]);

/** The lines of the answer that are named `X-...`. */
async function linesOf(answer: (res: ServerResponse) => void, kind = LeanResponse as typeof ServerResponse): Promise<string[]> {
  await using server = await listen(
    (_req, res) => {
      answer(res);
      res.end();
    },
    { ServerResponse: kind },
  );
  const bytes = await rawRequest(server.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  return bytes.split("\r\n").filter((line) => line.toLowerCase().startsWith("x-"));
}

for (const kind of [LeanResponse, ServerResponse] as (typeof ServerResponse)[]) {
  test(`sets its fields on a ${kind.name}`, async () => {
    assert.deepEqual(await linesOf((res) => block.setOn(res), kind), ["X-One: 1", "X-Two: 2"]);
  });

  test(`its fields can be read, replaced and removed on a ${kind.name}`, async () => {
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

test("blocks and single fields stand in the order in which they were set", async () => {
  const lines = await linesOf((res) => {
    res.setHeader("X-Zero", "0");
    block.setOn(res);
    res.setHeader("X-Three", "3");
    new FieldBlock([["X-Four", "4"]]).setOn(res);
    res.setHeader("X-Five", "5");
  });
  assert.deepEqual(lines, ["X-Zero: 0", "X-One: 1", "X-Two: 2", "X-Three: 3", "X-Four: 4", "X-Five: 5"]);
});

test("who patches the method of a response sees every field", async () => {
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

test("after a head that is out it throws as `setHeader()` does", async () => {
  await linesOf((res) => {
    res.flushHeaders();
    assert.throws(() => block.setOn(res), { code: "ERR_HTTP_HEADERS_SENT" });
  });
});

test("a name or value that is no field, that comes twice, or that frames the message is refused", () => {
  assert.throws(() => new FieldBlock([["bad name", "1"]]), { code: "ERR_INVALID_HTTP_TOKEN" });
  assert.throws(() => new FieldBlock([["X-One", "a\r\nb"]]), { code: "ERR_INVALID_CHAR" });
  const twice = [
    ["X-One", "1"],
    ["x-one", "2"],
  ] as const;
  for (const fields of [twice, [["Content-Length", "0"]], [["date", "now"]]] as const) {
    assert.throws(() => new FieldBlock(fields), /must be a field that comes once and frames nothing/);
  }
});
