import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createCounter, metricsEndpoint, Registry } from "@aivillage/metrics";
import { toListener } from "@aivillage/middleware";
import { eventually, listen } from "@aivillage/testing";

import type { Format } from "../src/render.ts";
import { shareRenders } from "../src/share-renders.ts";

async function serve() {
  const registry = new Registry();
  let collected = 0;
  const read = registry.getMetricsAsJSON.bind(registry);
  const source = Object.assign(registry, { getMetricsAsJSON: () => ((collected += 1), read()) });
  const counter = createCounter({ name: "hits_total", help: "Hits.", registry });
  const server = await listen(toListener(metricsEndpoint({ registry: source })));
  const scrape = async (): Promise<string> => (await fetch(server.url)).text();
  return { server, counter, scrape, collected: () => collected };
}

describe("rendering of metrics", () => {
  test("one scrape after another sees every count at once", async () => {
    const { server, counter, scrape } = await serve();
    await using _ = server;
    for (let hit = 1; hit <= 5; hit += 1) {
      counter.inc([]);
      assert.match(await scrape(), new RegExp(`^hits_total ${hit}$`, "m"));
    }
  });

  test("a flood of scrapes shares renderings, and all of them get the metrics", async () => {
    const { server, scrape, collected } = await serve();
    await using _ = server;
    const texts = await Promise.all(Array.from({ length: 200 }, scrape));
    assert.ok(texts.every((text) => text.includes("hits_total")));
    assert.ok(collected() < 100, `${collected()} renderings for 200 scrapes`);
  });
});

/** Shares what `make` gives, by default the time of its making, and counts how often each format was made. */
function share(make: (format: Format) => Promise<string> = async () => String(performance.now())) {
  const renderings = { prometheus: 0, openMetrics: 0 };
  const get = shareRenders((format) => {
    renderings[format] += 1;
    return make(format);
  });
  return { get, renderings };
}

describe("the renderings that a flood shares", () => {
  test("are new for each occasional scrape of a format, however often the other format is scraped", async () => {
    const { get, renderings } = share();
    const before = await get("openMetrics");
    for (let times = 0; times < 5_000; times += 1) await get("prometheus");
    assert.notEqual(await get("openMetrics"), before);
    assert.equal(renderings.openMetrics, 2);
  });

  test("never are older than a tenth of a second when they are given out", async () => {
    const { get } = share();
    const end = performance.now() + 1_000;
    while (performance.now() < end) {
      const asked = performance.now();
      const text = await get("prometheus");
      assert.ok(asked - Number(text) <= 100, "the text began at most 100 ms before it was asked for");
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test("are bounded in number when they fail, and a failure is soon forgotten", async () => {
    let fails = true;
    const { get, renderings } = share(async () => {
      if (fails) throw new Error("a collector failed");
      return "text";
    });
    for (let times = 0; times < 5_000; times += 1) await assert.rejects(get("prometheus"), /a collector failed/);
    assert.ok(renderings.prometheus < 500, `${renderings.prometheus} renderings`);
    fails = false;
    await eventually(() => get("prometheus"), "a text");
  });
});
