import assert from "node:assert/strict";
import { test } from "node:test";

import { toListener } from "@aivillage/middleware";
import { headFromStrictServer } from "@aivillage/testing";

import { healthCascade } from "../src/index.ts";

test("HEAD passes a server that allows no content then", async (t) => {
  const health = healthCascade({ services: {} });
  t.after(() => health.close());
  assert.equal(await headFromStrictServer(toListener(health)), 200);
});
