import assert from "node:assert/strict";
import { test } from "node:test";

import { makeProgress } from "../src/progress.ts";

function written(isTTY: boolean): string {
  let text = "";
  const progress = makeProgress({ isTTY, write: (chunk: string | Uint8Array) => (text += String(chunk)) !== "" });
  progress.say("one");
  progress.say("two");
  progress.done();
  return text;
}

test("on a terminal one line is written over and taken away at the end", () => {
  assert.equal(written(true), "\r\u001b[K0:00 one\r\u001b[K0:00 two\r\u001b[K");
});

test("in a file every step has a line", () => assert.equal(written(false), "0:00 one\n0:00 two\n"));
