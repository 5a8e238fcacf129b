import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createCounter, metricsEndpoint, Registry } from "@aivillage/metrics";
import { toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

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
