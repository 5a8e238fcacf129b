import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, listen } from "@aivillage/testing";

import { startGatewayProcess } from "../bench/support/gateway-process.ts";

test("spans that the collector does not take are logged, by a worker too", async () => {
  let asked = 0;
  await using collector = await listen((req, res) => {
    asked += 1;
    req.resume().once("end", () => res.writeHead(401).end());
  });
  for (const workers of ["1", "2"]) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "50", HEALTH_CHECK_INTERVAL: "0", WORKERS: workers };
    await using gateway = await startGatewayProcess({ env });
    assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
    await gateway.told("spans cannot be sent");
    const [{ level, collector: named, reason, failures } = {}] = gateway.lines("spans cannot be sent");
    assert.deepEqual([level, named, failures], ["WARN", collector.url, 1]);
    assert.match(String(reason), /Unauthorized/);
  }
  await eventually(() => asked >= 2, "the collector was asked");
});
