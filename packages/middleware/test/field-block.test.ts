import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";

import { FieldBlock } from "@aivillage/middleware";

const block = new FieldBlock([
  ["X-One", "1"],
  ["X-Two", "2"],
]);
const newResponse = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

test("sets its headers one by one on a response of Node's own", () => {
  const res = newResponse();
  res.setHeader("x-two", "before");
  block.setOn(res);
  assert.deepEqual({ ...res.getHeaders() }, { "x-two": "2", "x-one": "1" });
});

test("hands itself over whole to a response that takes blocks", () => {
  const taken: FieldBlock[] = [];
  const res = Object.assign(newResponse(), { setBlock: (given: FieldBlock) => void taken.push(given) });
  block.setOn(res);
  assert.deepEqual(taken, [block]);
  assert.deepEqual(res.getHeaderNames(), []);
});

test("throws as `setHeader()` does when the head has been sent", () => {
  const res = newResponse();
  res.flushHeaders();
  assert.throws(() => block.setOn(res), { code: "ERR_HTTP_HEADERS_SENT" });
});

test("refuses a name or value that is not valid, is given twice, or frames the message", () => {
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
