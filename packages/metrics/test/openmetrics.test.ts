import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import { Summary } from "prom-client";

import { createCounter, createHistogram, metrics, metricsEndpoint, Registry } from "../src/index.ts";
import { parseExposition } from "./parse-exposition.ts";

const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const plain = "text/plain; version=0.0.4; charset=utf-8";

/** An exemplar as OpenMetrics writes it behind a bucket: labels, value, time in seconds. */
const exemplarForm = / # \{trace_id="([\w-]+)"\} (\S+) (\d+(?:\.\d+)?)$/;

async function serve(registry = new Registry()) {
  const app = await listen(toListener(metricsEndpoint({ registry })));
  const scrape = async (accept?: string) => {
    const response = await fetch(app.url, accept === undefined ? {} : { headers: { accept } });
    return { type: response.headers.get("content-type"), text: await response.text() };
  };
  return { registry, scrape, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

test("the format is what the scraper asks for, and the Prometheus text format when it does not care", async () => {
  await using app = await serve();
  const cases: [accept: string | undefined, type: string][] = [
    [undefined, plain],
    ["*/*", plain],
    ["text/plain", plain],
    ["text/html,application/xhtml+xml,*/*;q=0.8", plain],
    ["application/openmetrics-text", openMetrics],
    ['application/openmetrics-text; version="1.0.0"', openMetrics],
    ["Application/OpenMetrics-Text;version=1.0.0;charset=utf-8", openMetrics],
    [
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      openMetrics,
    ],
    ["application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,text/plain;version=0.0.4;q=0.2", openMetrics],
    ["application/openmetrics-text;q=0.2,text/plain;q=0.5", plain],
    ["application/openmetrics-text;q=0", plain],
    ["application/openmetrics-text;version=2.0.0,text/plain;q=0.1", plain],
    ["application/openmetrics-text;q=banana", plain],
    ["application/openmetrics-text;q=7", plain],
    [",;,;q=1;;", plain],
  ];
  for (const [accept, type] of cases) assert.equal((await app.scrape(accept)).type, type, accept);
});

test("both formats have the same numbers, scrape after scrape, and the registry keeps its own", async () => {
  await using app = await serve();
  createCounter({ registry: app.registry, name: "c_total", help: "C.", labelNames: ["a"] }).inc(['x"\n\\'], 3);
  createHistogram({ registry: app.registry, name: "h", help: "H.", buckets: [0.1, 2] }).observe([], 1);
  new Summary({ registers: [app.registry], name: "s", help: "S.", percentiles: [0.5, 1] }).observe(4);
  for (let round = 0; round < 2; round += 1) {
    const { text } = await app.scrape(openMetrics);
    assert.match(text, /\n# EOF\n$/);
    assert.doesNotMatch(text, /\n\n/);
    const open = parseExposition(text);
    assert.equal(open.types.get("c"), "counter");
    assert.equal(open.value("c_total", { a: 'x"\n\\' }), 3);
    assert.deepEqual(
      open.named("h_bucket").map(({ labels, value }) => [labels["le"], value]),
      [
        ["0.1", 0],
        ["2.0", 1],
        ["+Inf", 1],
      ],
    );
    assert.equal(open.value("s", { quantile: "1.0" }), 4);
    const usual = parseExposition((await app.scrape()).text);
    assert.equal(usual.types.get("c_total"), "counter");
    assert.equal(usual.value("h_bucket", { le: "2" }), 1);
    assert.equal(usual.samples.length, open.samples.length);
    assert.equal(parseExposition(await app.registry.metrics()).types.get("c_total"), "counter");
  }
});

test("a bucket shows the latest trace that fell into it, in OpenMetrics only", async () => {
  await using app = await serve();
  const histogram = createHistogram({ registry: app.registry, name: "h", help: "H.", labelNames: ["l"], buckets: [0.1, 2] });
  histogram.observe(["a"], 0.05, "first");
  histogram.observe(["a"], 0.06, "second-0af7651916cd43dd8448eb211c80319c");
  histogram.observe(["a"], 1.5);
  histogram.observe(["a"], 7, "late");
  for (const bad of ["", "a b", 'a"b', "x".repeat(65), 7 as unknown as string]) histogram.observe(["b"], 1, bad);
  const { text } = await app.scrape(openMetrics);
  const exemplars = text.split("\n").flatMap((line) => {
    const [, trace, value, time] = exemplarForm.exec(line) ?? [];
    if (trace === undefined) return [];
    assert.ok(Math.abs(Number(time) - Date.now() / 1_000) < 60, line);
    return [[/le="([^"]+)"/.exec(line)?.[1], /l="(\w)"/.exec(line)?.[1], trace, Number(value)]];
  });
  assert.deepEqual(exemplars, [
    ["0.1", "a", "second-0af7651916cd43dd8448eb211c80319c", 0.06],
    ["+Inf", "a", "late", 7],
  ]);
  assert.doesNotMatch((await app.scrape()).text, /trace_id/);
});

test("the trace of a request is the exemplar of its duration; a resolver that throws loses nothing", async () => {
  const registry = new Registry();
  const traceId = ({ headers }: { headers: NodeJS.Dict<string | string[]> }): string | undefined => {
    if (headers["x-trace"] === "throw") throw new Error("broken");
    return headers["x-trace"] === "number" ? (7 as unknown as string) : headers["x-trace"]?.toString();
  };
  const handler = compose(metrics({ registry, defaultMetrics: false, traceId }), (req, res, next) =>
    req.url === "/metrics" ? metricsEndpoint({ registry })(req, res, next) : void res.end("ok"),
  );
  await using app = await listen(toListener(handler));
  for (const trace of ["4bf92f3577b34da6a3ce929d0e0e4736", "throw", "number"])
    await (await fetch(app.url, { headers: { "x-trace": trace } })).text();
  await (await fetch(app.url)).text();
  const text = await (await fetch(`${app.url}/metrics`, { headers: { accept: openMetrics } })).text();
  assert.deepEqual(text.match(/trace_id="[^"]*"/g), ['trace_id="4bf92f3577b34da6a3ce929d0e0e4736"']);
  assert.match(text, /\ngateway_requests_total\{method="GET",endpoint="unmatched",status="200"\} 4\n/);
});
