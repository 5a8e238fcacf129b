import assert from "node:assert/strict";
import { test } from "node:test";

import { HttpProblem, requestPath, type Handler } from "@aivillage/middleware";
import { forEachHost, rawRequest } from "@aivillage/testing";
import { Counter, type OpenMetricsContentType } from "prom-client";

import { metrics, metricsEndpoint, Registry } from "../src/index.ts";
import { parseExposition } from "./parse-exposition.ts";

const at =
  (path: string, handler: Handler): Handler =>
  (req, res, next) =>
    requestPath(req) === path ? handler(req, res, next) : next();

forEachHost((host) => {
  test("a scrape gets everything in the registry and its content type", async () => {
    const registry = new Registry();
    new Counter({ name: "own_total", help: "Made with prom-client itself.", registers: [registry] }).inc(3);
    await using app = await host.serve([metrics({ registry }), at("/metrics", metricsEndpoint({ registry }))]);
    await (await fetch(`${app.url}/missing`)).text();
    const response = await fetch(`${app.url}/metrics`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(response.headers.get("cache-control"), "no-store");

    const now = parseExposition(await response.text());
    assert.equal(now.value("own_total"), 3);
    assert.equal(now.value("gateway_requests_total", { method: "GET", endpoint: "unmatched", status: "404" }), 1);
    assert.equal(now.value("gateway_requests_in_flight"), 1, "the scrape itself");
    assert.ok((now.value("process_resident_memory_bytes") ?? 0) > 1_000_000);
  });

  test("an OpenMetrics registry is served in OpenMetrics, time after time", async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    await using app = await host.serve([metrics({ registry, defaultMetrics: false }), metricsEndpoint({ registry })]);
    await (await fetch(app.url)).text();
    const response = await fetch(app.url);
    assert.equal(response.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    const text = await response.text();
    assert.match(text, /\n# EOF\n$/);
    const now = parseExposition(text);
    assert.equal(now.types.get("gateway_requests"), "counter");
    assert.equal(now.value("gateway_requests_total", { method: "GET", endpoint: "unmatched", status: "200" }), 1);
  });

  test("HEAD has the headers of GET and no body", async () => {
    const registry = new Registry();
    new Counter({ name: "own_total", help: "Fixed.", registers: [registry] }).inc();
    await using app = await host.serve([metricsEndpoint({ registry })]);
    const get = await fetch(app.url);
    const length = Buffer.byteLength(await get.text());
    const head = await rawRequest(app.port, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(head, /\r\nContent-Type: text\/plain; version=0\.0\.4; charset=utf-8\r\n/i);
    assert.match(head, new RegExp(`\\r\\nContent-Length: ${length}\\r\\n`, "i"));
    assert.ok(head.endsWith("\r\n\r\n"), head);
  });

  test("other methods are refused with 405 and the methods that are allowed", async () => {
    const problems: unknown[] = [];
    await using app = await host.serve([metricsEndpoint({ registry: new Registry() })], (error, _req, _res, next) => {
      problems.push(error);
      next(error);
    });
    for (const method of ["POST", "DELETE", "OPTIONS"]) {
      const response = await fetch(app.url, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
      await response.text();
    }
    assert.equal(problems.length, 3);
    assert.ok(problems.every((problem) => problem instanceof HttpProblem && problem.type === "method-not-allowed"));
  });

  test("who is not allowed gets a 403 problem whatever the method, and what the check throws goes to the host", async () => {
    const problems: unknown[] = [];
    const allow = ({ headers }: { headers: NodeJS.Dict<string | string[]> }): boolean => {
      if (headers["x-who"] === "broken") throw new HttpProblem({ status: 503 });
      return headers["x-who"] === "prometheus";
    };
    const asWho = (who: string, method = "GET") => fetch(app.url, { method, headers: { "x-who": who } });
    await using app = await host.serve([metricsEndpoint({ registry: new Registry(), allow })], (error, _req, _res, next) => {
      problems.push(error);
      next(error);
    });
    assert.equal((await asWho("prometheus")).status, 200);
    assert.equal((await asWho("stranger")).status, 403);
    assert.equal((await asWho("stranger", "POST")).status, 403);
    assert.equal((await asWho("broken")).status, 503);
    assert.deepEqual(
      problems.map((problem) => (problem as HttpProblem).type),
      ["metrics-forbidden", "metrics-forbidden", "about:blank"],
    );
  });

  test("a metric that fails to collect goes to the error handler", async () => {
    const registry = new Registry();
    const failure = new Error("the queue does not answer");
    const collect = (): never => {
      throw failure;
    };
    registry.registerMetric(new Counter({ name: "own_total", help: "Fails.", registers: [], collect }));
    let seen: unknown;
    await using app = await host.serve([metricsEndpoint({ registry })], (error, _req, res, _next) => {
      seen = error;
      res.statusCode = 503;
      res.end();
    });
    assert.equal((await fetch(app.url)).status, 503);
    assert.equal(seen, failure);
  });

  test("a response that another handler gave meanwhile is left alone", async () => {
    const registry = new Registry();
    const { promise: collected, resolve: collect } = Promise.withResolvers<void>();
    registry.registerMetric(new Counter({ name: "own_total", help: "Waits.", registers: [], collect: () => collected }));
    const endpoint = metricsEndpoint({ registry });
    await using app = await host.serve([
      (req, res, next) => {
        endpoint(req, res, next);
        res.end("too late");
        collect();
      },
    ]);
    assert.equal(await (await fetch(app.url)).text(), "too late");
    assert.equal(await (await fetch(app.url)).text(), "too late");
  });
});

test("without options both use prom-client's default registry", async () => {
  const { register } = await import("prom-client");
  metrics();
  assert.ok(register.getSingleMetric("gateway_requests_total"));
  assert.ok(register.getSingleMetric("process_cpu_seconds_total"));
  assert.throws(() => metrics({ buckets: [1] }), {
    name: "TypeError",
    message: /`registry` must be a registry that has no metric gateway_requests_in_flight yet; give each app `registry: new Registry\(\)`/,
  });
  metrics({ prefix: "second" });
  assert.ok(register.getSingleMetric("second_requests_total"));
  register.clear();
});

test("process metrics go into any number of registries, once each, or are left out", async () => {
  const registries = [new Registry(), new Registry()];
  for (const registry of registries) {
    metrics({ registry, prefix: "first" });
    metrics({ registry, prefix: "second" });
    const now = parseExposition(await registry.metrics());
    assert.equal(now.named("process_cpu_seconds_total").length, 1);
    assert.equal(now.named("nodejs_version_info").length, 1);
  }
  const bare = new Registry();
  metrics({ registry: bare, defaultMetrics: false });
  assert.deepEqual(
    bare.getMetricsAsArray().map(({ name }) => name),
    ["gateway_requests_in_flight", "gateway_open_streams", "gateway_requests_total", "gateway_request_duration_seconds"],
  );
});
