import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { Run } from "../src/bench.ts";
import { judge } from "../src/report/budgets.ts";
import { drawChart } from "../src/report/chart.ts";
import { writeReport } from "../src/report/report.ts";
import { formatNumber, markdownTable } from "../src/report/table.ts";

const sample = { perSecond: 6_000, p50Ms: 5, p99Ms: 20, cpuMicros: 150, peakMebibytes: 120, startMs: 400, growth: 12 };
const run: Run = {
  startedAt: "2025-01-22T10:30:00Z",
  machine: {
    cpu: "A processor",
    cores: 2,
    memoryGibibytes: 8,
    kernel: "6.1",
    node: "v24.0.0",
    loadTool: "wrk",
    loadBefore: 0.1,
    versions: { express: "5.3.0" },
  },
  settings: {
    rounds: 2,
    seconds: 5,
    warmUpSeconds: 2,
    cases: ["post"],
    only: ["ours", "express-stack"],
    accessLog: false,
    json: undefined,
    svg: undefined,
  },
  cases: [
    {
      case: "post",
      results: [
        { contestant: "ours", samples: [sample, { ...sample, perSecond: 6_600, cpuMicros: 160 }] },
        {
          contestant: "express-stack",
          samples: [
            { ...sample, perSecond: 2_000, cpuMicros: 450 },
            { ...sample, perSecond: 2_000, cpuMicros: 528 },
          ],
        },
        { contestant: "nginx", samples: [], failure: "it ended before it listened" },
      ],
    },
    { case: "sse", results: [{ contestant: "ours", samples: [sample] }] },
  ],
};

describe("a table", () => {
  test("sets text to the left and numbers to the right", () => {
    assert.equal(
      markdownTable(
        ["name", "req/s"],
        [
          ["a|b", "1"],
          ["c", "22,000"],
        ],
      ),
      "| name |  req/s |\n| ---- | -----: |\n| a\\|b |      1 |\n| c    | 22,000 |\n",
    );
  });

  test("fills up short rows", () => assert.match(markdownTable(["a", "b"], [["x"]]), /^\| x {3}\| {5}\|$/m));

  test("shows numbers with as many digits as they deserve", () => {
    assert.deepEqual([12_345.6, 100, 48.26, 9.876, 0.617].map(formatNumber), ["12,346", "100", "48.3", "9.88", "0.62"]);
  });
});

describe("the report", () => {
  const report = writeReport(run, judge(run.cases));

  test("says where, how and against what was measured", () => {
    assert.match(report, /A processor, 2 cores, 8 GiB, Linux 6\.1, Node v24\.0\.0, wrk/);
    assert.match(report, /2 rounds of 5 s after 2 s of warm-up, access logs off, load average 0\.1 before/);
    assert.match(report, /Measured against express 5\.3\.0/);
  });

  test("has a row for each contestant, with the ratio and its spread", () => {
    assert.match(report, /^\| AIVillage Gateway +\| +6,300 \| +\| +155 \| +5\.00 \| +20\.0 \| +120 \|$/m);
    assert.match(report, /^\| Express 5 stack +\| +2,000 \| 3\.15 \(3\.00-3\.30\) x \| +489 \|/m);
  });

  test("marks mere proxies and says why one failed", () => {
    assert.match(report, /^\| nginx, proxying only \* \| +failed \|/m);
    assert.match(report, /^nginx, proxying only \* failed: it ended before it listened$/m);
    assert.match(report, /\\\* proxies only/);
  });

  test("has a column for memory where memory is the point", () => {
    assert.equal(report.match(/KiB per stream/g)?.length, 1);
  });

  test("ends in the budgets", () => {
    assert.match(report, /^\| CPU of the Express stack +\| 3\.15 \(3\.00-3\.30\) \| +>= 1\.5 \| +kept \| +>= 2\.8 \| +kept \|$/m);
    assert.match(report, /^\| CPU of the fastify stack +\| +\| +>= 1\.5 \| not measured \| +>= 2\.2 \| not measured \|$/m);
    assert.match(report, /^\| KiB for each open event stream +\| +12\.0 \| +<= 64 \| +kept \| +<= 40 \| +kept \|$/m);
  });
});

describe("the chart", () => {
  const chart = drawChart(run.cases);

  test("has a bar for each contestant that was measured, in cases with a peer", () => {
    assert.deepEqual(
      [...chart.matchAll(/<rect class="(\w+)"/g)].map((match) => match[1]),
      ["ours", "stack"],
    );
    assert.ok(!chart.includes("event streams") && !chart.includes("nginx"));
  });

  test("draws bars to scale, with a line from the least to the greatest round", () => {
    const [ours = 0, theirs = 0] = [...chart.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map((match) => Number(match[1]));
    assert.ok(Math.abs(ours / theirs - 3.15) < 0.01);
    const [, from = 0, to = 0] = /<line x1="([\d.]+)" x2="([\d.]+)"/.exec(chart)?.map(Number) ?? [];
    assert.ok(from < to && from < 200 + ours && to > 200 + ours);
  });

  test("has colours for dark pages, and no script or link", () => {
    assert.ok(chart.includes("prefers-color-scheme: dark"));
    assert.ok(!/<script|href/.test(chart));
  });
});
