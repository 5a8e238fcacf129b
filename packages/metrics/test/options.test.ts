import assert from "node:assert/strict";
import { test } from "node:test";

import { createCounter, createGauge, createHistogram, metrics, metricsEndpoint, Registry } from "../src/index.ts";

const refused =
  (factory: (options: never) => unknown) =>
  (options: unknown, message: RegExp): void => {
    assert.throws(() => factory(options as never), { name: "TypeError", message });
  };

test("metrics() names an unknown option and a bad value", () => {
  const check = refused(metrics);
  check(
    { buckts: [] },
    /^@aivillage\/metrics: unknown option `buckts` \(did you mean `buckets`\?\); known options: prefix, registry, endpoint, traceId, buckets, maxSeries, defaultMetrics$/,
  );
  check({ prefix: "my-gateway" }, /`prefix` must be a metric name of letters, digits, `_` and `:`, got 'my-gateway'/);
  check({ prefix: "" }, /`prefix`/);
  check({ registry: {} }, /`registry` must be a prom-client Registry, got {}/);
  check({ endpoint: "/users" }, /`endpoint` must be a function, got '\/users'/);
  check({ maxSeries: 1 }, /`maxSeries` must be an integer from 2 to 1000000, got 1/);
  check({ defaultMetrics: "no" }, /`defaultMetrics` must be true or false/);
  check(7, /options must be an object/);
});

test("buckets ascend, are finite and are there", () => {
  for (const buckets of [[], [1, 1], [2, 1], [NaN], [1, Infinity], ["1"], 5, Array.from({ length: 101 }, (_, n) => n)]) {
    refused(metrics)({ buckets }, /`buckets` must be a list of 1 to 100 ascending finite numbers/);
    refused(createHistogram)({ name: "h", help: "H.", buckets }, /`buckets` must be/);
  }
});

test("metricsEndpoint() takes what has metrics and who may see them", () => {
  refused(metricsEndpoint)({ path: "/metrics" }, /unknown option `path`; known options: registry, allow$/);
  refused(metricsEndpoint)({ registry: null }, /`registry` must be a prom-client Registry or the metrics of all workers, got null/);
  refused(metricsEndpoint)({ allow: ["127.0.0.1"] }, /`allow` must be a function/);
});

for (const factory of [createCounter, createGauge, createHistogram]) {
  test(`${factory.name}() needs a name and a help text and refuses what Prometheus would`, () => {
    const check = refused(factory);
    check(undefined, /`name` must be a metric name .*, got undefined/);
    check({ help: "H." }, /`name` must be/);
    check({ name: "n" }, /`help` must be a non-empty string, got undefined/);
    check({ name: "9n", help: "H." }, /`name` must be .*, got '9n'/);
    check({ name: "n", help: "" }, /`help` must be/);
    check({ name: "n", help: "H.", labelNames: ["a-b"] }, /`labelNames` must be a list of different label names/);
    check({ name: "n", help: "H.", labelNames: ["a", "a"] }, /`labelNames`/);
    check({ name: "n", help: "H.", labelNames: ["__a"] }, /`labelNames`/);
    check({ name: "n", help: "H.", labelNames: "a" }, /`labelNames`/);
    check({ name: "n", help: "H.", labels: [] }, /unknown option `labels`/);
  });

  test(`${factory.name}() refuses a name that the registry has`, () => {
    const registry = new Registry();
    factory({ registry, name: "n", help: "H." });
    refused(factory)({ registry, name: "n", help: "H." }, /`registry` must be a registry that has no metric n yet; give each app/);
  });
}

test("only a gauge has an aggregator, one of those that the sum of workers knows", () => {
  refused(createGauge)(
    { name: "g", help: "G.", aggregator: "mean" },
    /`aggregator` must be one of "sum", "first", "min", "max", "average", "newest", "omit"/,
  );
  refused(createCounter)({ name: "c_total", help: "C.", aggregator: "max" }, /unknown option `aggregator`/);
  refused(createGauge)({ name: "g", help: "G.", collect: 5 }, /`collect` must be a function/);
});

test("a histogram cannot have a label that its buckets need", () => {
  refused(createHistogram)({ name: "h", help: "H.", labelNames: ["le"] }, /`labelNames` must be without `le`/);
  assert.ok(createCounter({ registry: new Registry(), name: "c_total", help: "C.", labelNames: ["le"] }));
});
