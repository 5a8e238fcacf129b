/**
 * A real Prometheus scrapes `metricsEndpoint()` and has to find everything in order: OpenMetrics, with exemplars.
 * Run: `node --conditions=@aivillage/source bench/prometheus.soak.ts`. Needs the program `prometheus`; fails when a check fails.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { compose, toListener } from "@aivillage/middleware";
import { freePort, listen } from "@aivillage/testing";

import { metrics, metricsEndpoint, Registry } from "../src/index.ts";

if (spawnSync("prometheus", ["--version"]).error !== undefined) {
  console.log("prometheus is not installed; the Debian package prometheus has it");
  process.exit(0);
}

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const asked = new Set<string>();
const registry = new Registry();
const endpoint = metricsEndpoint({ registry });
const count = metrics({ registry, endpoint: ({ url }) => url, traceId: ({ url }) => (url === "/work" ? traceId : undefined) });
await using app = await listen(
  toListener(
    compose(count, (req, res, next) => {
      if (req.url !== "/metrics") return void res.end("ok");
      asked.add(req.headers.accept ?? "");
      return endpoint(req, res, next);
    }),
  ),
);
await (await fetch(`${app.url}/work`)).text();

const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
const port = await freePort();
await writeFile(
  join(folder, "prometheus.yml"),
  `scrape_configs:\n  - job_name: app\n    scrape_interval: 1s\n    static_configs:\n      - targets: ["127.0.0.1:${app.port}"]\n`,
);
const program = spawn(
  "prometheus",
  [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--enable-feature=exemplar-storage",
  ],
  { stdio: "ignore" },
);

async function query(
  path: string,
): Promise<{ result?: { value: [number, string] }[] } & { exemplars: { labels: Record<string, string> }[] }[]> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => undefined);
  return response?.ok === true ? ((await response.json()) as { data: never }).data : ([] as never);
}

async function eventually<T>(read: () => Promise<T | undefined>, what: string): Promise<T> {
  for (let tries = 0; tries < 150; tries += 1) {
    const value = await read();
    if (value !== undefined) return value;
    await delay(200);
  }
  throw new Error(`not within 30 s: ${what}`);
}

try {
  const up = await eventually(async () => (await query("query?query=up")).result?.[0]?.value[1], "a scrape");
  assert.equal(up, "1", "Prometheus has read the scrape");
  const total = await eventually(
    async () => (await query('query?query=gateway_requests_total{endpoint="/work"}')).result?.[0]?.value[1],
    "the counter",
  );
  assert.equal(total, "1");
  const now = Date.now() / 1_000;
  const range = `&start=${now - 600}&end=${now + 600}`;
  const exemplars = await eventually(async () => {
    const found = await query(`query_exemplars?query=gateway_request_duration_seconds_bucket${range}`);
    return found[0]?.exemplars;
  }, "an exemplar");
  assert.deepEqual(exemplars[0]?.labels, { trace_id: traceId });
  const samples = (await query("query?query=scrape_samples_scraped")).result?.[0]?.value[1];
  console.log(`Prometheus asked for ${[...asked].join(" and ")}`);
  console.log(`and read ${samples} samples, the counter and the exemplar ${JSON.stringify(exemplars[0])}`);
} finally {
  program.kill("SIGTERM");
  await new Promise((resolve) => program.once("exit", resolve));
  await rm(folder, { recursive: true, force: true });
}
