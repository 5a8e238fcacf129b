import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";

import { eventually, needsRedis, readFromRoot } from "@aivillage/testing";

import { alerts, dashboardQueries, kitFolder, readDashboard, readKit } from "./kit.ts";
import { startOperatedGateway, sendTraffic } from "./operated-gateway.ts";
import { untilFiring, untilQuiet } from "./outage.ts";
import { needsPrometheus, startPrometheus } from "./running-prometheus.ts";

function promtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: kitFolder, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

test("promtool accepts the configuration and the rules", needsPrometheus, () => {
  assert.match(promtool("check", "config", "prometheus.yml"), /SUCCESS: \d+ rules found/);
});

test("each alert fires and does not fire as its unit test says", needsPrometheus, () => {
  promtool("test", "rules", "alerts.test.yml");
  const tests = readKit("alerts.test.yml");
  for (const { name } of alerts()) {
    const expectations = tests.split(`alertname: ${name}\n`).slice(1);
    assert.ok(
      expectations.some((text) => /^ *exp_alerts: \[\]/.test(text)) && expectations.some((text) => /^ *exp_alerts:\n/.test(text)),
      name,
    );
  }
});

test("each alert leads to a paragraph that says what to do", () => {
  assert.ok(alerts().length >= 9);
  const headings = [...readFromRoot("docs/operations.md").matchAll(/^#+ (.+)\n\n(.{80,})/gm)];
  const anchors = headings.map(
    ([, heading = ""]) =>
      `#${heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-")}`,
  );
  for (const { name, runbook } of alerts()) {
    const [page, anchor] = runbook.split("#");
    assert.equal(page, "https://github.com/aivillage/gateway/blob/main/docs/operations.md");
    assert.ok(anchors.includes(`#${anchor}`), `${name} leads to #${anchor}, which is not there`);
  }
});

test("the dashboard is laid out without gaps and overlaps, and asks only for metrics that are described", () => {
  const { panels, schemaVersion } = readDashboard();
  assert.ok(schemaVersion >= 39, "the schema of Grafana 11");
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  assert.deepEqual(
    panels.filter(({ type }) => type === "row").map(({ title }) => title),
    ["Traffic", "Latency", "Errors", "Rate limits", "Concurrency", "Security", "Downstreams", "AI calls", "Budgets", "Health", "Process"],
  );
  const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
    Array.from({ length: h * w }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  assert.equal(new Set(cells).size, cells.length, "no two panels in one place");
  assert.equal(cells.length, 24 * (1 + Math.max(...cells.map((cell) => Number(cell.split(",")[1])))), "no place is empty");

  const described = readFromRoot("docs/metrics.md");
  const asked = dashboardQueries().flatMap(({ expr }) => expr.match(/\b(?:gateway|gen_ai_(?:client|server))_\w+/g) ?? []);
  const missing = new Set(asked.filter((name) => !described.includes(`\`${name.replace(/_(bucket|count|sum)$/, "")}\``)));
  assert.deepEqual([...missing], []);
});

describe("before a running gateway", { skip: needsPrometheus.skip || needsRedis.skip }, () => {
  // That each of the others fires when there is a reason takes minutes of trouble: the soak beside this shows it.
  test("every panel has data, no alert fires without a reason, and one does when the gateway is gone", { timeout: 600_000 }, async (t) => {
    await using gateway = await startOperatedGateway();
    await using prometheus = await startPrometheus(gateway.port, { hurried: true });
    const traffic = new AbortController();
    t.after(() => traffic.abort());
    const sending = sendTraffic(gateway, traffic.signal);

    const empty = new Set(dashboardQueries().map(({ panel, expr }) => ({ name: `${panel}: ${expr}`, expr })));
    assert.ok(empty.size > 30);
    const askNext = async (): Promise<void> => {
      for (const query of empty) {
        const samples = await prometheus.query(query.expr);
        if (!samples.some(({ value }) => Number.isFinite(value))) return;
        empty.delete(query);
      }
    };
    const isFull = async (): Promise<boolean> => {
      await askNext();
      return empty.size === 0;
    };
    await eventually(isFull, "every panel has data", { state: () => [...empty].map(({ name }) => name) });
    await untilQuiet(prometheus);

    traffic.abort();
    await gateway.close();
    await sending;
    await untilFiring(prometheus, ["GatewayDown"]);
  });
});
