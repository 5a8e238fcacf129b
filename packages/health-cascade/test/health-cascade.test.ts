import assert from "node:assert/strict";
import { test } from "node:test";

import { type Handler, HttpProblem } from "@aivillage/middleware";
import { deadUrl, forEachHost, rawRequest, startDownstream } from "@aivillage/testing";

import { healthCascade, type HealthCascadeOptions, type HealthReport } from "../src/index.ts";

forEachHost((host) => {
  const ask = async (options: HealthCascadeOptions, init?: RequestInit) => {
    // Far above the default, so that a busy machine makes nobody late.
    const health = healthCascade({ deadlineMs: 5_000, ...options });
    await using app = await host.serve([health]);
    const response = await fetch(app.url, init);
    const report = (await response.json()) as HealthReport;
    health.close();
    return { response, report };
  };

  test("the response has exactly the documented shape", async () => {
    await using twin = await startDownstream();
    const before = Date.now();
    const agentController = { url: await deadUrl() };
    const { response, report } = await ask({
      services: { twin: { url: twin.url }, agent_controller: agentController },
      environment: "production",
    });

    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.deepEqual(Object.keys(report), ["status", "timestamp", "services", "gateway"]);
    assert.equal(report.status, "degraded");
    assert.match(report.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const time = Date.parse(report.timestamp);
    assert.ok(time > before - 1_000 && time <= Date.now(), report.timestamp);

    const { twin: healthy, agent_controller: down, ...others } = report.services;
    assert.deepEqual(others, {});
    assert.deepEqual(down, { status: "unhealthy", error: "connection refused", checked_at: down?.checked_at });
    assert.match(down?.checked_at ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(healthy?.status === "healthy");
    assert.deepEqual(Object.keys(healthy), ["status", "status_code", "response_time_ms", "checked_at"]);
    assert.equal(healthy.status_code, 200);
    const responseMs = Number(healthy.response_time_ms);
    assert.ok(responseMs > 0 && responseMs <= report.gateway.response_time_ms);

    assert.deepEqual(Object.keys(report.gateway), ["uptime_seconds", "environment", "response_time_ms"]);
    assert.equal(report.gateway.environment, "production");
    assert.ok(Number.isInteger(report.gateway.uptime_seconds));
    assert.ok(Math.abs(report.gateway.uptime_seconds - process.uptime()) <= 2);
  });

  test("all healthy is healthy, an optional one down is degraded, a critical one or all down is unhealthy with 503", async () => {
    await using up = await startDownstream();
    const down = { url: await deadUrl() };
    const cases: [HealthCascadeOptions["services"], HealthReport["status"], number][] = [
      [{}, "healthy", 200],
      [{ a: { url: up.url }, b: { url: up.url, critical: true } }, "healthy", 200],
      [{ a: { url: up.url, critical: true }, b: down }, "degraded", 200],
      [{ a: { url: up.url }, b: { ...down, critical: true } }, "unhealthy", 503],
      [{ a: down, b: down }, "unhealthy", 503],
      [{ a: { url: up.url }, b: { ...down, critical: true, disabled: true } }, "healthy", 200],
      [{ a: down, b: { url: up.url, disabled: true } }, "unhealthy", 503],
    ];
    for (const [services, status, statusCode] of cases) {
      const { response, report } = await ask({ services });
      assert.deepEqual([report.status, response.status], [status, statusCode], JSON.stringify(report.services));
    }
  });

  test("a disabled service is listed and never probed", async () => {
    await using twin = await startDownstream();
    const { report } = await ask({ services: { twin: { url: twin.url, disabled: true } } });
    assert.deepEqual(report.services, { twin: { status: "disabled" } });
    assert.equal(twin.received.length, 0);
  });

  test("who accepts application/health+json gets it, and nobody else", async () => {
    const cases: [string, string][] = [
      ["text/html;q=0.1, Application/Health+JSON", "application/health+json"],
      ["application/health+json;q=0.5, application/json;q=0.1", "application/health+json"],
      ["application/json, application/health+json;q=0.01", "application/health+json"],
      ["application/json, application/health+json ; q=0.0", "application/json"],
      ["application/health+json;q=0, */*", "application/json"],
      ["application/json", "application/json"],
      ["*/*", "application/json"],
    ];
    for (const [accept, expected] of cases) {
      const { response } = await ask({ services: {} }, { headers: { accept } });
      assert.equal(response.headers.get("content-type"), expected, accept);
    }
  });

  test("HEAD has the headers of GET and no body", async () => {
    await using app = await host.serve([healthCascade({ services: {} })]);
    const head = await rawRequest(app.port, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(head, /\r\nContent-Type: application\/json\r\n/i);
    assert.match(head, /\r\nContent-Length: [1-9]\d+\r\n/i);
    assert.ok(head.endsWith("\r\n\r\n"), head);
  });

  test("other methods are refused with 405, and nobody is probed for them", async () => {
    await using twin = await startDownstream();
    const problems: unknown[] = [];
    const health = healthCascade({ services: { twin: { url: twin.url } } });
    await using app = await host.serve([health], (error, _req, _res, next) => {
      problems.push(error);
      next(error);
    });
    for (const method of ["POST", "PUT", "OPTIONS"]) {
      const response = await fetch(app.url, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), "GET, HEAD");
      await response.text();
    }
    assert.equal(problems.length, 3);
    assert.ok(problems.every((problem) => problem instanceof HttpProblem && problem.type === "method-not-allowed"));
    assert.equal(twin.received.length, 0);
  });

  test("a response that another handler sent meanwhile is left alone", async () => {
    await using twin = await startDownstream({ delayMs: 20 });
    const health = healthCascade({ services: { twin: { url: twin.url } }, probe: "request", cacheMs: 0, deadlineMs: 5_000 });
    const impatient: Handler = (req, res, next) => {
      health(req, res, next);
      res.end("too late");
    };
    await using app = await host.serve([impatient]);
    assert.equal(await (await fetch(app.url)).text(), "too late");
    assert.equal((await health.check()).status, "healthy");
    assert.equal(await (await fetch(app.url)).text(), "too late");
    health.close();
  });
});

test("a probe is one GET of the path on its own connection", async () => {
  await using twin = await startDownstream();
  const health = healthCascade({
    services: { twin: { url: `${twin.url}/api/`, path: "/status?full=1" } },
    probe: "request",
    cacheMs: 0,
    deadlineMs: 5_000,
  });
  await health.check();
  await health.check();
  assert.deepEqual(
    twin.received.map(({ method, url, headers }) => [method, url, headers.connection, headers["user-agent"]]),
    [0, 1].map(() => ["GET", "/api/status?full=1", "close", "aivillage-health-cascade"]),
  );
});

test("the path is /healthz unless another is set", async () => {
  await using twin = await startDownstream();
  await healthCascade({ services: { twin: { url: twin.url } }, deadlineMs: 5_000 }).check();
  assert.deepEqual(
    twin.received.map(({ url }) => url),
    ["/healthz"],
  );
});

test("expectedStatus decides what is healthy", async () => {
  await using teapot = await startDownstream({ status: 418 });
  const url = teapot.url;
  const { services } = await healthCascade({
    services: {
      any: { url },
      one: { url, expectedStatus: 418 },
      list: { url, expectedStatus: [200, 418] },
      class: { url, expectedStatus: ["2xx", "4xx"] },
      another: { url, expectedStatus: "3xx" },
      other: { url, expectedStatus: 204 },
    },
    deadlineMs: 5_000,
  }).check();
  const seen = Object.entries(services).map(([name, { status }]) => [name, status]);
  assert.deepEqual(seen, [
    ["any", "unhealthy"],
    ["one", "healthy"],
    ["list", "healthy"],
    ["class", "healthy"],
    ["another", "unhealthy"],
    ["other", "unhealthy"],
  ]);
});

test("a service with replicas is healthy when any of them is, even if the others hang", { timeout: 50_000 }, async () => {
  await using good = await startDownstream();
  await using hung = await startDownstream({ hang: true });
  const url = [await deadUrl(), hung.url, good.url];
  const health = healthCascade({
    services: { twin: { url }, none: { url: [url[0] ?? "", url[0] ?? ""] } },
    deadlineMs: 60_000,
    timeoutMs: 600_000,
  });
  const { services } = await health.check();
  assert.equal(services["twin"]?.status, "healthy");
  assert.deepEqual([services["none"]?.status, services["none"]?.error], ["unhealthy", "connection refused"]);
  health.close();
});
