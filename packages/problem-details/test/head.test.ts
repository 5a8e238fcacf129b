import assert from "node:assert/strict";
import { test } from "node:test";

import { HttpProblem, toListener } from "@aivillage/middleware";
import { headFromStrictServer } from "@aivillage/testing";

import { problemDetails } from "../src/index.ts";

test("the problem of a HEAD passes a server that allows no content then", async () => {
  assert.equal(await headFromStrictServer(toListener((_req, _res, next) => next(new HttpProblem({ status: 410 })), problemDetails())), 410);
});
