import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";

import { hasPassed } from "@aivillage/middleware";

test("a request has passed a handler from the second time on, and no other request has", () => {
  const [first, second] = [new IncomingMessage(new Socket()), new IncomingMessage(new Socket())];
  const [one, other] = [{}, {}];
  assert.deepEqual(
    [hasPassed(first, one), hasPassed(first, other), hasPassed(first, one), hasPassed(first, other)],
    [false, false, true, true],
  );
  assert.equal(hasPassed(second, one), false);
});
