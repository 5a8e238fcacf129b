/**
 * Ten minutes of a gateway with two workers before services that are well but slow, watched by a Prometheus with the rules as they are
 * delivered: no alert fires, and no series of a service has a gap or says 0. Then a service is killed, and its alert does fire.
 *
 * `node --conditions=@aivillage/source --test test/health.soak.ts`; MINUTES sets another time.
 */
import assert from "node:assert/strict";
import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { childEnv, endProcess, eventually, freePort, root } from "@aivillage/testing";

import { untilFiring } from "./outage.ts";
import { needsPrometheus, startPrometheus } from "./running-prometheus.ts";

const minutes = Number(process.env["MINUTES"] ?? 10);
const key = "a-key-for-the-soak-of-health";
const services = ["twin", "agent_controller", "knowledge_system", "v1.notes"];

/** A service in its own process whose health takes 150 ms, or which has no health path at all. */
async function startService(t: TestContext, kind: "slow" | "no-health"): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(join(import.meta.dirname, "slow-service.process.ts"), [kind], { execArgv: [] });
  t.after(() => endProcess(child));
  const [port] = (await once(child, "message")) as [number];
  return { child, url: `http://127.0.0.1:${port}` };
}

async function startGateway(t: TestContext, env: Record<string, string>): Promise<number> {
  const port = await freePort();
  const child = spawn(process.execPath, ["packages/gateway/src/cli.ts", "start"], {
    cwd: root,
    env: childEnv({
      NODE_OPTIONS: "--conditions=@aivillage/source",
      GATEWAY_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      API_KEY: key,
      ...env,
    }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  t.after(() => endProcess(child));
  const listens = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined))?.ok === true;
  await eventually(listens, "the gateway listens", { withinMs: 300_000 });
  return port;
}

function promtool(url: string, expr: string): string {
  const { status, stdout, stderr } = spawnSync("promtool", ["query", "instant", url, expr], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

test(`no false alert in ${minutes} minutes of WORKERS=2`, { ...needsPrometheus, timeout: (minutes + 8) * 60_000 }, async (t) => {
  const [twin, agentController, knowledgeSystem, notes] = await Promise.all([
    startService(t, "slow"),
    startService(t, "slow"),
    startService(t, "slow"),
    startService(t, "no-health"),
  ]);
  const folder = await mkdtemp(join(tmpdir(), "aivillage-health-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, "gateway.yaml");
  await writeFile(config, `routes:\n  - { path: /v1/notes, upstream: [${JSON.stringify(notes.url)}], public: true }\n`);
  const port = await startGateway(t, {
    WORKERS: "2",
    CONFIG_FILE: config,
    TWIN_URL: twin.url,
    AGENT_CONTROLLER_URL: agentController.url,
    KNOWLEDGE_SYSTEM_URL: knowledgeSystem.url,
  });
  await using prometheus = await startPrometheus(port, { hurried: false });

  // A prober on one connection asks one worker only: its responses must not decide for the other.
  const end = Date.now() + minutes * 60_000;
  const statuses = new Map<string, number>();
  while (Date.now() < end) {
    const { status } = (await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()) as { status: string };
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    await delay(1_000);
  }
  const range = `${minutes}m`;
  const expressions = {
    fired: `count_over_time(ALERTS{alertstate="firing"}[${range}])`,
    pending: `count_over_time(ALERTS{alertstate="pending"}[${range}])`,
    lowest: `min_over_time(gateway_downstream_up[${range}])`,
    scrapes: `count_over_time(up[${range}])`,
    samples: `count_over_time(gateway_downstream_up[${range}])`,
    oldest: `max_over_time((time() - gateway_downstream_probe_timestamp_seconds)[${range}:1s])`,
  };
  for (const [name, expr] of Object.entries(expressions))
    t.diagnostic(`${name}: ${promtool(prometheus.url, expr).replaceAll("\n", "\n  ")}`);
  t.diagnostic(`/healthz: ${JSON.stringify(Object.fromEntries(statuses))}`);

  assert.equal(promtool(prometheus.url, expressions.fired), "", "no alert fired");
  const lowest = await prometheus.query(expressions.lowest);
  const values = Object.fromEntries(lowest.map(({ metric, value }) => [metric["service"], value]));
  assert.deepEqual(values, Object.fromEntries(services.map((name) => [name, 1])));
  const [scrapes] = await prometheus.query(expressions.scrapes);
  for (const { metric, value } of await prometheus.query(expressions.samples)) {
    assert.ok(value >= (scrapes?.value ?? 0) - 5, `${metric["service"]}: ${value} samples in ${scrapes?.value} scrapes`);
  }

  await endProcess(twin.child);
  await untilFiring(prometheus, ["GatewayServiceDown twin"], 4 * 60_000);
  t.diagnostic(`after a kill: ${(await prometheus.firing()).join(", ")}`);
});
