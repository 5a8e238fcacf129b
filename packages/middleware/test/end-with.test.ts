import assert from "node:assert/strict";
import { test } from "node:test";

import { fixedResponse, toListener } from "@aivillage/middleware";
import { headFromStrictServer } from "@aivillage/testing";

test("HEAD passes a server that allows no content then", async () => {
  assert.equal(await headFromStrictServer(toListener(fixedResponse("text/plain", "hello"))), 200);
  assert.equal(await headFromStrictServer(toListener((_req, _res, next) => next())), 404);
});
