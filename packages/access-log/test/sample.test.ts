import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { eventually, forEachHost } from "@aivillage/testing";

import { accessLog, type AccessLogOptions, createLogger } from "../src/index.ts";
import { type AccessLogLine, startLine } from "../src/line.ts";
import { Sampler, type Suppressed } from "../src/sampler.ts";

/** Answers with the status that the path names. */
const respond: Handler = (req, res) => {
  res.statusCode = Number(req.url?.slice(1));
  res.end();
};

/** Keeps what is logged. */
function keep() {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) } });
  const total = (status: number): number =>
    lines.filter((line) => line["status"] === status).reduce((sum, { sampled, suppressed }) => sum + Number(suppressed ?? sampled ?? 1), 0);
  const written = (status: number): number => lines.filter((line) => line["status"] === status && !("suppressed" in line)).length;
  return { logger, lines, total, written };
}

const route = (): string => "/:status";

forEachHost((host) => {
  const send = async (options: AccessLogOptions, paths: readonly string[]) => {
    const log = accessLog(options);
    await using app = await host.serve([log, respond]);
    // At once, so that it is a flood on a slow machine too.
    await Promise.all(paths.map(async (path) => (await fetch(app.url + path)).text()));
    return log;
  };

  test("a flood of one kind is thinned out, the counts can be restored, and a single error in it is written", async () => {
    const { logger, lines, total, written } = keep();
    const flood = Array.from({ length: 150 }, (_, place) => (place === 77 ? "/503" : "/200"));
    const log = await send({ logger, route, sample: { perSecond: 1, every: 10 } }, flood);
    await eventually(() => lines.length > 1, "the first lines");
    log.close();
    await eventually(() => total(200) === 149, "every request is accounted for");
    assert.ok(written(200) < 149, `${written(200)} lines`);
    assert.deepEqual([total(503), written(503)], [1, 1]);
    assert.ok(lines.some(({ sampled }) => sampled === 10));
    for (const line of lines.filter(({ suppressed }) => suppressed !== undefined)) {
      assert.deepEqual(
        [line["level"], line["msg"], line["route"], line["outcome"]],
        ["WARN", "requests not logged", "/:status", "completed"],
      );
    }
  });

  test("without a flood, and without the option, every line is written and none says more than itself", async () => {
    for (const options of [{}, { sample: {} }]) {
      const { logger, lines } = keep();
      await send(
        { logger, route, ...options },
        Array.from({ length: 30 }, () => "/200"),
      );
      await eventually(() => lines.length === 30, "all lines");
      assert.ok(lines.every((line) => !("sampled" in line) && !("suppressed" in line)));
    }
  });
});

test("the rest of a flood is summed up within a second, by itself", async (t) => {
  const told: Suppressed[] = [];
  const sampler = new Sampler({ perSecond: 1, every: 100 }, (suppressed) => void told.push(suppressed));
  const line = Object.assign(startLine({ method: "GET", url: "/" } as never), { status: 500, outcome: "completed" as const });
  const keepsRunning = setInterval(() => undefined, 50);
  t.after(() => clearInterval(keepsRunning));
  assert.deepEqual(
    [1, 2, 3, 4].map(() => sampler.admits(line)),
    [true, false, false, false],
  );
  await eventually(() => told.length === 1, "the summary");
  assert.deepEqual(told, [{ kind: { route: undefined, status: 500, outcome: "completed" }, suppressed: 3 }]);
});

test("whatever comes, the lines and the summaries add up, also when there are more kinds than are kept apart", () => {
  let suppressed = 0;
  const kinds = new Set<unknown>();
  const sampler = new Sampler({ perSecond: 3, every: 7 }, (each) => {
    suppressed += each.suppressed;
    kinds.add(each.kind);
  });
  let represented = 0;
  let written = 0;
  const lines = 40_000;
  for (let sent = 0; sent < lines; sent += 1) {
    const line: AccessLogLine = { ...startLine({ method: "GET", url: "/" } as never), route: `/${sent % 4_000}`, status: 200 };
    if (sampler.admits(line)) {
      written += 1;
      represented += line.sampled ?? 1;
    }
    if (sent % 9_000 === 0) sampler.flush();
  }
  sampler.flush();
  assert.equal(represented + suppressed, lines);
  assert.ok(written < lines / 2, `${written} lines`);
  assert.ok(kinds.size <= 1_001, `${kinds.size} kinds`);
  assert.ok(kinds.has(undefined), "the kinds that found no place of their own");
});
