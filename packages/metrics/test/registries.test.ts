import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import * as successor from "@prometheus-io/client";
import * as original from "prom-client";

import { createCounter, createGauge, createHistogram, metrics, metricsEndpoint, type MetricsRegistry } from "../src/index.ts";
import { parseExposition } from "./parse-exposition.ts";

/** Both libraries, with a counter that was made with the library itself. */
const libraries: Record<string, () => MetricsRegistry & { metrics(): Promise<string> }> = {
  "prom-client": () => {
    const registry = new original.Registry();
    new original.Counter({ name: "own_total", help: "Made with the library.", labelNames: ["a"], registers: [registry] }).inc(
      { a: "x" },
      3,
    );
    return registry;
  },
  "@prometheus-io/client": () => {
    const registry = new successor.Registry();
    new successor.Counter({ name: "own_total", help: "Made with the library.", labelNames: ["a"], registers: [registry] }).inc(
      { a: "x" },
      3,
    );
    return registry;
  },
};

for (const [name, makeRegistry] of Object.entries(libraries)) {
  void describe(`with a registry of ${name}`, () => {
    test("a scrape shows ours and the library's own metrics in both formats", async () => {
      const registry = makeRegistry();
      const endpoint = metricsEndpoint({ registry });
      const handler = compose(metrics({ registry }), (req, res, next) =>
        req.url === "/metrics" ? endpoint(req, res, next) : void res.end(),
      );
      createGauge({ registry, name: "level", help: "L." }).set([], 7);
      await using app = await listen(toListener(handler));
      await (await fetch(app.url)).text();
      for (const accept of ["text/plain", "application/openmetrics-text"]) {
        const now = parseExposition(await (await fetch(`${app.url}/metrics`, { headers: { accept } })).text());
        assert.equal(now.value("own_total", { a: "x" }), 3);
        assert.equal(now.value("level"), 7);
        assert.ok((now.value("gateway_requests_total", { method: "GET", endpoint: "unmatched", status: "200" }) ?? 0) >= 1);
        assert.ok((now.value("process_resident_memory_bytes") ?? 0) > 1_000_000);
        assert.equal(now.named("nodejs_active_handles_total").length, 0);
      }
    });

    test("its own text has our metrics, its reset empties them, and a name is taken once", async () => {
      const registry = makeRegistry();
      const counter = createCounter({ registry, name: "c_total", help: "C.", labelNames: ["l"] });
      createHistogram({ registry, name: "h", help: "H.", buckets: [1] }).observe([], 0.5);
      counter.inc(["x"], 2);
      const text = parseExposition(await registry.metrics());
      assert.equal(text.value("c_total", { l: "x" }), 2);
      assert.equal(text.value("h_bucket", { le: "1" }), 1);
      (registry as unknown as { resetMetrics(): void }).resetMetrics();
      assert.deepEqual(parseExposition(await registry.metrics()).named("c_total"), []);
      assert.throws(() => createCounter({ registry, name: "own_total", help: "Again." }), {
        name: "TypeError",
        message: /no metric own_total yet/,
      });
    });
  });
}

test("an app that is made again counts in the metrics that are there, and two handlers on one path count a request once", async () => {
  const registry = new original.Registry();
  const makeApp = () => toListener(compose(metrics({ registry }), metrics({ registry }), (_req, res) => void res.end()));
  for (const listener of [makeApp(), makeApp()]) {
    await using app = await listen(listener);
    await (await fetch(app.url)).text();
  }
  const now = parseExposition(await registry.metrics());
  assert.equal(now.value("gateway_requests_total", { method: "GET", endpoint: "unmatched", status: "200" }), 2);
});

test("metrics are made again in a registry that was cleared", async () => {
  const registry = new original.Registry();
  metrics({ registry });
  registry.clear();
  metrics({ registry });
  assert.ok(registry.getSingleMetric("gateway_requests_total"));
});
