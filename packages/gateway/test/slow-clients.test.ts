import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, openConnections } from "@aivillage/testing";

import { apiKey } from "../bench/support/gateway-process.ts";
import { openSlowConnections, slowSenders } from "../bench/support/slow-connections.ts";
import { startLoad } from "../bench/support/steady-load.ts";
import { startTestGateway } from "./start-test-gateway.ts";

test("with 40 slow connections of every kind normal requests get responses", async (t) => {
  await using gateway = await startTestGateway({ API_KEY: apiKey, RATE_LIMIT_REQUESTS: "100000" });
  const ends = slowSenders.map((kind) => openSlowConnections(gateway.port, kind, 40));
  await eventually(() => openConnections(gateway.port) >= 100, "they are connected");
  t.after(() => ends.forEach((end) => end()));
  const load = startLoad({ target: () => gateway.url, connections: 10, perSecond: 100 });
  await eventually(() => load.sent - load.underWay > 50, "requests are answered");
  const { failures } = await load.stop();
  assert.deepEqual(failures, []);
});
