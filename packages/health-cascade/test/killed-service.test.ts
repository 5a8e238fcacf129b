import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { startDownstream } from "@aivillage/testing";

import { type HealthCascade, healthCascade, serviceStatusChanged, type ServiceStatusChanged } from "../src/index.ts";

const intervalMs = 500;

/** Starts the service, on the port that it had before or on a free one. */
async function startService(t: TestContext, port = 0): Promise<{ service: ChildProcess; port: number }> {
  const service = fork(join(import.meta.dirname, "slow-service.process.ts"), [String(port)], { execArgv: [] });
  t.after(() => service.kill("SIGKILL"));
  const [listening] = (await once(service, "message")) as [number];
  return { service, port: listening };
}

/** Resolves with the next change of the service, in the turn in which it is published. */
function nextChange(health: HealthCascade, service: string): Promise<ServiceStatusChanged> {
  return new Promise((resolve) => {
    const stop = serviceStatusChanged.subscribe((change) => {
      if (change.source !== health || change.service !== service) return;
      stop();
      resolve(change);
    });
  });
}

test("a service whose health takes 150 ms is healthy; killed it is unhealthy within two intervals, and healthy after a restart", async (t) => {
  await using witness = await startDownstream();
  const { service, port } = await startService(t);
  const health = healthCascade({ services: { slow: { url: `http://127.0.0.1:${port}` }, witness: { url: witness.url } }, intervalMs });
  t.after(() => health.close());
  const found = nextChange(health, "slow");
  health.start();
  assert.equal((await found).to, "healthy");

  const lost = nextChange(health, "slow").then((change) => ({ ...change, witnessed: witness.received.length }));
  service.kill("SIGKILL");
  await once(service, "exit");
  const before = witness.received.length;
  const { to, error, witnessed } = await lost;
  assert.equal(to, "unhealthy");
  assert.match(error ?? "", /^connection (refused|reset)$/);
  // The other service is the clock: in two intervals it is probed three times at most, however busy the machine is.
  assert.ok(witnessed - before <= 3, `${witnessed - before} probes of the other service`);

  const back = nextChange(health, "slow");
  await startService(t, port);
  assert.equal((await back).to, "healthy");
  assert.equal((await health.check()).status, "healthy");
});
