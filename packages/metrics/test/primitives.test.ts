import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";
import { AggregatorRegistry, Histogram } from "prom-client";

import {
  createCounter,
  createGauge,
  createHistogram,
  overflowLabel,
  Registry,
  type SeriesLimitReached,
  seriesLimitReached,
} from "../src/index.ts";
import { parseExposition } from "./parse-exposition.ts";

const scrape = async (registry: Registry) => parseExposition(await registry.metrics());

test("a counter adds up per label combination", async () => {
  const registry = new Registry();
  const retries = createCounter({ registry, name: "retries_total", help: "Retries.", labelNames: ["service", "reason"] });
  retries.inc(["twin", "timeout"]);
  retries.inc(["twin", "timeout"], 2.5);
  retries.inc(["twin", "reset"], 0);
  const now = await scrape(registry);
  assert.equal(now.types.get("retries_total"), "counter");
  assert.equal(now.help.get("retries_total"), "Retries.");
  assert.equal(now.value("retries_total", { service: "twin", reason: "timeout" }), 3.5);
  assert.equal(now.value("retries_total", { service: "twin", reason: "reset" }), 0);
});

test("a counter never shrinks and stays a number", async () => {
  const registry = new Registry();
  const counter = createCounter({ registry, name: "c_total", help: "C." });
  counter.inc([], 2);
  for (const by of [-1, NaN, Infinity])
    assert.throws(() => counter.inc([], by), { name: "RangeError", message: /c_total: a counter grows/ });
  assert.equal((await scrape(registry)).value("c_total"), 2);
});

test("a metric without labels is there from the start, one with labels is not", async () => {
  const registry = new Registry();
  createCounter({ registry, name: "plain_total", help: "P." });
  createGauge({ registry, name: "plain", help: "P." });
  createCounter({ registry, name: "labelled_total", help: "L.", labelNames: ["a"] });
  const now = await scrape(registry);
  assert.equal(now.value("plain_total"), 0);
  assert.equal(now.value("plain"), 0);
  assert.deepEqual(now.named("labelled_total"), []);
});

test("a gauge is set, raised and lowered", async () => {
  const registry = new Registry();
  const connections = createGauge({ registry, name: "connections", help: "C.", labelNames: ["replica"] });
  connections.set(["a"], 7);
  connections.set(["a"], 4);
  connections.add(["a"], -5);
  connections.add(["b"], 1);
  for (const value of [NaN, Infinity]) {
    assert.throws(() => connections.set(["a"], value), RangeError);
    assert.throws(() => connections.add(["a"], value), RangeError);
  }
  const now = await scrape(registry);
  assert.equal(now.types.get("connections"), "gauge");
  assert.equal(now.value("connections", { replica: "a" }), -1);
  assert.equal(now.value("connections", { replica: "b" }), 1);
});

test("a gauge forgets its combinations, those that its overflow series took included", async () => {
  const registry = new Registry();
  const up = createGauge({ registry, name: "up", help: "U.", labelNames: ["service"], maxSeries: 2, aggregator: "newest" });
  for (const service of ["a", "b", "c"]) up.set([service], 1, 10);
  assert.deepEqual((await scrape(registry)).named("up").length, 2);
  up.clear();
  up.set(["c"], 0, 20);
  const text = await registry.metrics();
  assert.deepEqual(
    text.split("\n").filter((line) => line.startsWith("up")),
    ['up{service="c"} 0'],
    "and no time stands in the text",
  );
});

test("a histogram says the same as prom-client's own, whatever is observed", async () => {
  const buckets = [0.1, 0.5, 2];
  // Sums of eighths are exact, whatever the order.
  const value = fc.oneof(
    fc.constantFrom(0.1, 0.5, 2),
    fc.integer({ min: -16, max: 80 }).map((eighths) => eighths / 8),
  );
  const observations = fc.array(fc.tuple(fc.constantFrom("a", "b"), value), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(observations, async (observed) => {
      const ours = new Registry();
      const theirs = new Registry();
      const mine = createHistogram({ registry: ours, name: "h", help: "H.", labelNames: ["l"], buckets });
      const reference = new Histogram({ registers: [theirs], name: "h", help: "H.", labelNames: ["l"], buckets });
      for (const [label, seconds] of observed) {
        mine.observe([label], seconds);
        reference.observe({ l: label }, seconds);
      }
      assert.equal(await ours.metrics(), await theirs.metrics());
      assert.deepEqual(await toJson(ours), await toJson(theirs));
    }),
    { numRuns: 60 },
  );
});

/** Through JSON, as the metrics of a worker travel; without exemplars, which only OpenMetrics has. */
const toJson = async (registry: Registry): Promise<unknown> =>
  JSON.parse(JSON.stringify(await registry.getMetricsAsJSON(), (key, value: unknown) => (key === "exemplar" ? undefined : value)));

test("a bound belongs to its bucket and what is above all bounds only to +Inf", async () => {
  const registry = new Registry();
  const histogram = createHistogram({ registry, name: "h", help: "H.", buckets: [0.1, 2] });
  for (const value of [0.1, 0.100001, 2, 2.000001, 1e9]) histogram.observe([], value);
  for (const value of [NaN, Infinity])
    assert.throws(() => histogram.observe([], value), { name: "RangeError", message: /^h: a histogram/ });
  const now = await scrape(registry);
  assert.equal(now.value("h_bucket", { le: "0.1" }), 1);
  assert.equal(now.value("h_bucket", { le: "2" }), 3);
  assert.equal(now.value("h_bucket", { le: "+Inf" }), 5);
  assert.equal(now.value("h_count"), 5);
  assert.equal(now.value("h_sum"), 0.1 + 0.100001 + 2 + 2.000001 + 1e9);
});

test("buckets and label names are copied: changing the lists later changes nothing", async () => {
  const registry = new Registry();
  const buckets = [1, 2];
  const histogram = createHistogram({ registry, name: "h", help: "H.", buckets });
  buckets.push(3);
  buckets[0] = 9;
  histogram.observe([], 1.5);
  const bounds = (await scrape(registry)).named("h_bucket").map(({ labels, value }) => [labels["le"], value]);
  assert.deepEqual(bounds, [
    ["1", 0],
    ["2", 1],
    ["+Inf", 1],
  ]);
});

test("the series count never passes maxSeries, nothing is lost, and the limit is reported once", async () => {
  const registry = new Registry();
  const told: SeriesLimitReached[] = [];
  const stop = seriesLimitReached.subscribe((message) => told.push(message));
  const counter = createCounter({ registry, name: "c_total", help: "C.", labelNames: ["a", "b"], maxSeries: 10 });
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 50; n += 1) counter.inc([`a${n}`, "b"]);
  }
  stop();
  const samples = (await scrape(registry)).named("c_total");
  assert.equal(samples.length, 10);
  assert.equal(
    samples.reduce((sum, { value }) => sum + value, 0),
    150,
  );
  assert.equal(samples.find(({ labels }) => labels["a"] === overflowLabel && labels["b"] === "_OVERFLOW")?.value, 3 * 41);
  assert.equal(samples.find(({ labels }) => labels["a"] === "a8")?.value, 3, "the first nine keep their own");
  assert.deepEqual(told, [{ metric: "c_total", maxSeries: 10 }]);
});

test("a caller that uses the overflow label itself takes no series from the others, and the limit is reported when it is reached", async () => {
  const registry = new Registry();
  const told: SeriesLimitReached[] = [];
  const stop = seriesLimitReached.subscribe((message) => void told.push(message));
  const counter = createCounter({ registry, name: "c_total", help: "C.", labelNames: ["a"], maxSeries: 3 });
  for (const label of ["_OVERFLOW", "x", "y"]) counter.inc([label]);
  assert.deepEqual(told, []);
  counter.inc(["z"]);
  assert.deepEqual(told, [{ metric: "c_total", maxSeries: 3 }]);
  stop();
  const samples = (await scrape(registry)).named("c_total").map(({ labels, value }) => [labels["a"], value]);
  assert.deepEqual(samples, [
    ["_OVERFLOW", 2],
    ["x", 1],
    ["y", 1],
  ]);
});

test("any label value makes a scrape that can be read back, each series once", async () => {
  const label = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constantFrom('"', "\\", "\n", "\0", "\ud800", "a\0b", "é".repeat(200)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(label, label), { maxLength: 30 }), async (pairs) => {
      const registry = new Registry();
      const counter = createCounter({ registry, name: "c_total", help: "C.", labelNames: ["a", "b"], maxSeries: 20 });
      for (const pair of pairs) counter.inc(pair);
      const onTheWire = Buffer.from(await registry.metrics()).toString();
      const samples = parseExposition(onTheWire).named("c_total");
      assert.ok(samples.length <= 20);
      assert.equal(
        samples.reduce((sum, { value }) => sum + value, 0),
        pairs.length,
      );
      assert.ok(samples.every(({ labels }) => Object.values(labels).every((value) => value.length <= 128)));
    }),
    { numRuns: 100 },
  );
});

test("label values that only look joined alike are different series", async () => {
  const registry = new Registry();
  const counter = createCounter({ registry, name: "c_total", help: "C.", labelNames: ["a", "b"] });
  counter.inc(["x,y", "z"]);
  counter.inc(["x", "y,z"]);
  counter.inc(["x", ""]);
  counter.inc(["", "x"]);
  assert.equal((await scrape(registry)).named("c_total").length, 4);
});

test("a wrong number of label values is refused, also when it would look like a known series", () => {
  const counter = createCounter({ registry: new Registry(), name: "c_total", help: "C.", labelNames: ["a", "b"] });
  counter.inc(["x", "y"]);
  for (const values of [[], ["x"], ["x", "y", "z"]]) {
    assert.throws(() => counter.inc(values as unknown as [string, string]), {
      name: "TypeError",
      message: /c_total: 2 label values expected \(a, b\), got/,
    });
  }
});

test("registry.resetMetrics() starts again from nothing", async () => {
  const registry = new Registry();
  const counter = createCounter({ registry, name: "c_total", help: "C.", labelNames: ["a"] });
  const plain = createCounter({ registry, name: "p_total", help: "P." });
  counter.inc(["x"], 5);
  plain.inc([], 5);
  registry.resetMetrics();
  counter.inc(["y"]);
  const now = await scrape(registry);
  assert.deepEqual(now.named("c_total"), [{ name: "c_total", labels: { a: "y" }, value: 1 }]);
  assert.equal(now.value("p_total"), 0);
});

test("default labels of the registry come with every sample", async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ worker: "3" });
  createCounter({ registry, name: "c_total", help: "C.", labelNames: ["a"] }).inc(["x"]);
  createHistogram({ registry, name: "h", help: "H.", buckets: [1] }).observe([], 1);
  const now = await scrape(registry);
  assert.equal(now.value("c_total", { a: "x", worker: "3" }), 1);
  assert.equal(now.value("h_bucket", { le: "1", worker: "3" }), 1);
});

test("the metrics of several workers add up through prom-client's aggregation", async () => {
  const workers = [1, 2].map((times) => {
    const registry = new Registry();
    const counter = createCounter({ registry, name: "c_total", help: "C.", labelNames: ["a"] });
    const histogram = createHistogram({ registry, name: "h", help: "H.", labelNames: ["a"], buckets: [1] });
    counter.inc(["x"], times);
    histogram.observe(["x"], times);
    return registry;
  });
  const sent = (await Promise.all(workers.map(toJson))) as object[];
  const now = parseExposition(await AggregatorRegistry.aggregate(sent).metrics());
  assert.equal(now.value("c_total", { a: "x" }), 3);
  assert.equal(now.value("h_bucket", { a: "x", le: "1" }), 1);
  assert.equal(now.value("h_bucket", { a: "x", le: "+Inf" }), 2);
  assert.equal(now.value("h_sum", { a: "x" }), 3);
});
