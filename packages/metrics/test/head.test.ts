import assert from "node:assert/strict";
import { test } from "node:test";

import { toListener } from "@aivillage/middleware";
import { headFromStrictServer } from "@aivillage/testing";

import { metricsEndpoint, Registry } from "../src/index.ts";

test("HEAD passes a server that allows no content then", async () => {
  assert.equal(await headFromStrictServer(toListener(metricsEndpoint({ registry: new Registry() }))), 200);
});
