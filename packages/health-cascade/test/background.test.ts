import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { test, type TestContext } from "node:test";

import { deadUrl, eventually, forEachHost, listen, startDownstream } from "@aivillage/testing";

import {
  type HealthCascade,
  healthCascade,
  type HealthCascadeOptions,
  type HealthReport,
  type ServiceStatusChanged,
  serviceStatusChanged,
} from "../src/index.ts";
import { listenTcp } from "./bad-services.ts";

/** Short intervals, and a time for a response that a busy machine keeps. */
const often = { intervalMs: 20, deadlineMs: 60_000, timeoutMs: 60_000 };

function cascade(t: TestContext, services: HealthCascadeOptions["services"], options: Partial<HealthCascadeOptions> = {}): HealthCascade {
  const health = healthCascade({ services, ...often, ...options });
  t.after(() => health.close());
  return health;
}

const statusOf = (health: HealthCascade, service = "twin"): string | undefined => health.lastReport().services[service]?.status;
const untilStatus = (health: HealthCascade, status: string, service = "twin"): Promise<boolean> =>
  eventually(() => statusOf(health, service) === status, `${service} is ${status}`, { state: () => health.lastReport().services });

forEachHost((host) => {
  test("after the first probe every response comes from the last one, without its own probe", async (t) => {
    await using twin = await startDownstream();
    const health = cascade(t, { twin: { url: twin.url } }, { intervalMs: 3_600_000 });
    await using app = await host.serve([health]);
    const ask = async (): Promise<HealthReport> => (await (await fetch(app.url)).json()) as HealthReport;
    const reports = await Promise.all(Array.from({ length: 20 }, ask));
    reports.push(await ask(), await ask());
    assert.ok(reports.every(({ status }) => status === "healthy"));
    assert.equal(new Set(reports.map(({ timestamp }) => timestamp)).size, 1);
    assert.equal(twin.received.length, 1);
  });

  test("a service that takes 150 ms is healthy, although a caller waits 80 ms at most", async (t) => {
    await using slow = await startDownstream({ delayMs: 150 });
    const health = cascade(t, { twin: { url: slow.url } }, { deadlineMs: 80 });
    await using app = await host.serve([health]);
    const first = (await (await fetch(app.url)).json()) as HealthReport;
    // On a machine that stands still, the first probe may have ended before the timer of the deadline.
    if (first.services["twin"]?.status !== "healthy") {
      assert.deepEqual([first.status, first.services["twin"]], ["degraded", { status: "unknown", error: "no response yet" }]);
    }
    await untilStatus(health, "healthy");
    const response = await fetch(app.url);
    const { status, services } = (await response.json()) as HealthReport;
    assert.deepEqual([response.status, status, services["twin"]?.status_code], [200, "healthy", 200]);
    assert.ok((services["twin"]?.response_time_ms ?? 0) >= 145, `${services["twin"]?.response_time_ms} ms`);
  });
});

test("nothing is probed before somebody asks, or start() is called", async (t) => {
  await using twin = await startDownstream();
  await using witness = await startDownstream();
  const health = cascade(t, { twin: { url: twin.url } });
  assert.equal(statusOf(health), "unknown");
  // Another cascade over the same time shows that there was time for probes.
  const other = cascade(t, { twin: { url: witness.url } });
  other.start();
  await eventually(() => witness.received.length >= 3, "the other cascade has probed");
  assert.equal(twin.received.length, 0);
  health.start();
  health.start();
  await eventually(() => twin.received.length >= 3, "it probes without a caller");
  assert.equal(statusOf(health), "healthy");
});

test("a service is unhealthy when a probe fails and healthy at the next good one, and nobody has to ask", async (t) => {
  await using twin = await startDownstream();
  const health = cascade(t, { twin: { url: twin.url } });
  const told: Omit<ServiceStatusChanged, "source">[] = [];
  t.after(serviceStatusChanged.subscribe(({ source, ...message }) => void (source === health && told.push(message))));
  health.start();
  for (const [script, status] of [
    [{}, "healthy"],
    [{ status: 500 }, "unhealthy"],
    [{}, "healthy"],
    [{ reset: "before-head" }, "unhealthy"],
    [{}, "healthy"],
  ] as const) {
    twin.script = script;
    await untilStatus(health, status);
  }
  assert.deepEqual(
    told.map(({ from, to, error }) => [from, to, error]),
    [
      ["unknown", "healthy", undefined],
      ["healthy", "unhealthy", "unexpected status"],
      ["unhealthy", "healthy", undefined],
      ["healthy", "unhealthy", "connection reset"],
      ["unhealthy", "healthy", undefined],
    ],
  );
});

test("a service that hangs keeps its status until timeoutMs has passed, and gets one probe at a time", async (t) => {
  await using twin = await startDownstream();
  const health = cascade(t, { twin: { url: twin.url, timeoutMs: 400 } });
  health.start();
  // On a busy machine the first probes may be timed out too.
  await untilStatus(health, "healthy");
  let open = 0;
  let mostOpen = 0;
  twin.script = () => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    return { hang: true };
  };
  await eventually(() => open > 0, "a probe hangs");
  await untilStatus(health, "unhealthy");
  assert.equal(health.lastReport().services["twin"]?.error, "timed out");
  await eventually(() => {
    open = twin.received.filter(({ url, clientLeftAt }) => url === "/healthz" && clientLeftAt === undefined).length;
    return twin.received.length > 3;
  }, "it is probed again");
  twin.script = {};
  await untilStatus(health, "healthy");
});

test("services with the same target share its probes, and others have their own intervals", async (t) => {
  await using shared = await startDownstream();
  await using rare = await startDownstream();
  const health = cascade(t, {
    one: { url: shared.url },
    two: { url: `${shared.url}/` },
    rare: { url: rare.url, intervalMs: 3_600_000 },
  });
  await health.check();
  assert.equal(shared.received.length, 1);
  await eventually(() => shared.received.length >= 5, "the others are probed again");
  assert.equal(rare.received.length, 1);
  assert.deepEqual(
    ["one", "two", "rare"].map((name) => statusOf(health, name)),
    ["healthy", "healthy", "healthy"],
  );
});

test("with replicas a service is unknown until one is healthy or all are known", async (t) => {
  await using hung = await startDownstream({ hang: true });
  await using good = await startDownstream();
  const told: string[] = [];
  const health = cascade(
    t,
    { twin: { url: [await deadUrl(), hung.url] }, pair: { url: [await deadUrl(), good.url] } },
    { deadlineMs: 500 },
  );
  t.after(serviceStatusChanged.subscribe(({ source, service, to }) => void (source === health && told.push(`${service} ${to}`))));
  health.start();
  await untilStatus(health, "healthy", "pair");
  assert.equal(statusOf(health), "unknown");
  assert.deepEqual(told, ["pair healthy"]);
  assert.equal(health.lastReport().status, "degraded");
});

test("a critical service that is not known yet makes the report unhealthy, another one does not", async (t) => {
  await using hung = await startDownstream({ hang: true });
  for (const [critical, status] of [
    [true, "unhealthy"],
    [false, "degraded"],
  ] as const) {
    const health = cascade(t, { twin: { url: hung.url, critical } }, { deadlineMs: 20 });
    assert.equal((await health.check()).status, status);
  }
});

test("a result that no other follows is not relied on for long", async (t) => {
  await using twin = await listenTcp((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  const health = cascade(t, { twin: { url: twin.url } }, { timeoutMs: 500 });
  health.start();
  await untilStatus(health, "healthy");
  // Nothing probes any more, as when the process that probes hangs.
  health.close();
  await eventually(() => statusOf(health) === "unknown", "the result is too old");
  assert.equal(health.lastReport().services["twin"]?.error, "no recent probe");
  assert.match(health.lastReport().services["twin"]?.checked_at ?? "", /Z$/);
});

test("close() ends probes, lets waiting callers go, and nothing starts again", async (t) => {
  await using twin = await startDownstream({ hang: true });
  const health = cascade(t, { twin: { url: twin.url } });
  const waiting = health.check();
  await eventually(() => twin.received.length === 1, "the first probe has arrived");
  health.close();
  assert.equal((await waiting).services["twin"]?.status, "unknown");
  await eventually(() => twin.received[0]?.clientLeftAt !== undefined, "the probe is given up");
  health.start();
  assert.equal((await health.check()).services["twin"]?.status, "unknown");
  assert.equal(twin.received.length, 1);
});

test("three hundred services that hang are probed 256 at a time", async (t) => {
  await using hung = await listen(() => undefined);
  const { host } = new URL(hung.url);
  const probes = new Set<ClientRequest>();
  let most = 0;
  // The service would count some twice, since it notices the end of a probe later than the beginning of the next one.
  const onProbe = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    if (request.getHeader("host") === host) probes.add(request);
    most = Math.max(most, [...probes].filter(({ destroyed }) => !destroyed).length);
  };
  subscribe("http.client.request.start", onProbe);
  t.after(() => unsubscribe("http.client.request.start", onProbe));
  const services = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`s${index}`, { url: hung.url, path: `/${index}` }]));
  const health = cascade(t, services, { intervalMs: 2_000, timeoutMs: 2_000 });
  health.start();
  const known = (): number => Object.values(health.lastReport().services).filter(({ status }) => status !== "unknown").length;
  await eventually(() => known() === 300, "all have had their turn", { state: () => ({ known: known(), most }) });
  assert.ok(most > 0 && most <= 256, `${most} at once`);
});
