import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { DepartedCounts } from "../../src/cluster/departed-counts.ts";
import { ReportReader } from "../../src/cluster/report-reader.ts";
import { ReportWriter } from "../../src/cluster/report-writer.ts";
import { sumFamilies } from "../../src/cluster/sum-families.ts";
import type { MetricFamily } from "../../src/family.ts";
import { createHistogram, Registry } from "../../src/index.ts";
import { oneAtATime } from "../../src/one-at-a-time.ts";

const family = (values: [label: string, value: number][], type = "counter", aggregator = "sum"): MetricFamily => ({
  name: "m",
  help: "M.",
  type,
  aggregator,
  values: values.map(([l, value]) => ({ labels: { l }, value })),
});

const plain = (families: readonly MetricFamily[]) =>
  families
    .flatMap(({ name, values }) => values.map(({ labels, value }) => [name, labels["l"], value]))
    .toSorted((a, b) => String(a).localeCompare(String(b)));

test("what is read from reports is what was written, whatever moved, came and went in between, any report read twice", () => {
  const value = fc.oneof(fc.integer(), fc.constantFrom(NaN, Infinity, -Infinity, -0, 0.1, Number.MAX_VALUE));
  const scrape = fc.dictionary(fc.constantFrom("a", "b", "c", "é"), value);
  fc.assert(
    fc.property(fc.array(scrape, { minLength: 1, maxLength: 8 }), fc.nat(8), (scrapes, restartAt) => {
      const writer = new ReportWriter();
      const reader = new ReportReader();
      for (const [turn, values] of scrapes.entries()) {
        if (turn === restartAt) writer.restart();
        const now = [family(Object.entries(values), "gauge")];
        const report = JSON.parse(JSON.stringify(writer.write(now))) as ReturnType<ReportWriter["write"]>;
        assert.equal(reader.read(report), true);
        reader.read(report);
        // JSON has one zero only.
        const noted = Object.entries(values).map(([label, each]): [string, number] => [label, Object.is(each, -0) ? 0 : each]);
        assert.deepEqual(plain(reader.families()), plain([family(noted)]));
      }
    }),
    { numRuns: 200 },
  );
});

test("a report that builds on another is refused by a reader that does not have it", () => {
  const writer = new ReportWriter();
  writer.write([family([["a", 1]])]);
  const second = writer.write([family([["a", 2]])]);
  assert.deepEqual([second.isFirst, second.series.length, second.values.length], [false, 0, 1]);
  const reader = new ReportReader();
  assert.equal(reader.read(second), false);
  assert.equal(reader.isEmpty, true);
  assert.equal(writer.write([family([["a", 2]])]).values.length, 0, "nothing moved");
});

test("values become one as their aggregator says, counters always by addition", () => {
  const parts = [3, 1, 8].map((value) => [value] as const);
  const joined = (type: string, aggregator: string) => {
    const families = parts.map(([value]) => [family([["x", value]], type, aggregator)]);
    return sumFamilies(families)[0]?.values[0]?.value;
  };
  const expected = { sum: 12, first: 3, min: 1, max: 8, average: 4, unheardOf: 12 };
  for (const [aggregator, value] of Object.entries(expected)) assert.equal(joined("gauge", aggregator), value, aggregator);
  assert.equal(joined("gauge", "omit"), undefined);
  assert.equal(joined("counter", "max"), 12);
});

const timed = (value: number, setAt?: number): MetricFamily => ({
  ...family([], "gauge", "newest"),
  values: [{ labels: { l: "x" }, value, setAt }],
});

test("the newest value wins, of several set at the same time the lowest, whatever the order of the workers", () => {
  const joined = (...parts: MetricFamily[]) => sumFamilies(parts.map((part) => [part]))[0]?.values;
  const times = [timed(1, 10), timed(0, 30), timed(1, 20)];
  assert.deepEqual(joined(...times), [{ labels: { l: "x" }, value: 0, setAt: 30 }]);
  assert.equal(joined(...times.toReversed())?.[0]?.value, 0);
  for (const parts of [
    [timed(1, 10), timed(0, 10)],
    [timed(0, 10), timed(1, 10)],
  ]) {
    assert.equal(joined(...parts)?.[0]?.value, 0);
  }
  assert.equal(joined(timed(0), timed(1, 5))?.[0]?.value, 1, "one without a time is older than all others");
});

test("a value that is set again to the same is reported with its new time", () => {
  const writer = new ReportWriter();
  const reader = new ReportReader();
  for (const setAt of [10, 20, 20, 30]) {
    const report = JSON.parse(JSON.stringify(writer.write([timed(1, setAt)]))) as ReturnType<ReportWriter["write"]>;
    reader.read(report);
    assert.equal(reader.families()[0]?.values[0]?.setAt, setAt);
  }
  assert.equal(writer.write([timed(1, 30)]).values.length, 0, "nothing moved");
});

test("the counts of the departed are bounded and complete: further combinations share the overflow series, bucket by bucket", async () => {
  const departed = new DepartedCounts(3);
  for (let worker = 0; worker < 20; worker += 1) {
    const registry = new Registry();
    const histogram = createHistogram({ registry, name: "h", help: "H.", labelNames: ["l"], buckets: [1] });
    histogram.observe([`only-of-${worker}`], 0.5);
    histogram.observe(["common"], 2);
    departed.add((await registry.getMetricsAsJSON()) as unknown as MetricFamily[]);
  }
  const samples = departed.families[0]?.values ?? [];
  const labels = new Set(samples.map((sample) => sample.labels["l"]));
  assert.deepEqual(labels, new Set(["only-of-0", "common", "_OVERFLOW"]));
  const of = (label: string, le: string | number) => samples.find((each) => each.labels["l"] === label && each.labels["le"] === le)?.value;
  assert.deepEqual([of("_OVERFLOW", 1), of("_OVERFLOW", "+Inf"), of("common", 1), of("common", "+Inf")], [19, 19, 0, 20]);
  const counts = samples.filter(({ metricName }) => metricName === "h_count").map(({ value }) => value);
  assert.equal(
    counts.reduce((sum, value) => sum + value, 0),
    40,
  );
});

test("runs never overlap, and nobody gets a result that was begun before the call", async () => {
  let running = 0;
  let begun = 0;
  const run = oneAtATime(async () => {
    assert.equal((running += 1), 1);
    const turn = (begun += 1);
    await new Promise(setImmediate);
    running -= 1;
    if (turn === 2) throw new Error("broken");
    return turn;
  });
  const first = run();
  const [second, third] = [run(), run()];
  assert.equal(await first, 1);
  await assert.rejects(second, /broken/);
  await assert.rejects(third, /broken/);
  assert.equal(await run(), 3);
  assert.equal(begun, 3, "those that waited shared one run");
});
