import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost, startDownstream } from "@aivillage/testing";

import { healthCascade, liveness, readiness } from "../src/index.ts";

forEachHost((host) => {
  test("liveness returns 200 whatever else is wrong", async () => {
    await using app = await host.serve([liveness()]);
    const response = await fetch(app.url);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.deepEqual(await response.json(), { status: "alive" });
  });

  test("readiness follows isReady at every request", async () => {
    let ready = true;
    await using app = await host.serve([readiness({ isReady: () => ready })]);
    const read = async (): Promise<unknown> => {
      const response = await fetch(app.url);
      return [response.status, await response.json()];
    };
    assert.deepEqual(await read(), [200, { status: "ready" }]);
    ready = false;
    assert.deepEqual(await read(), [503, { status: "not_ready" }]);
    ready = true;
    assert.deepEqual(await read(), [200, { status: "ready" }]);
  });

  test("only true is ready, and what is not true or false is an error of the server", async () => {
    const rejected = (): unknown => Promise.reject(new Error("late"));
    for (const isReady of [() => Promise.resolve(false), rejected, () => "no", () => ({ ok: false }), () => undefined]) {
      await using app = await host.serve([readiness({ isReady: isReady as () => boolean })]);
      assert.equal((await fetch(app.url)).status, 500);
    }
  });

  test("readiness with a health cascade is 503 while a critical service is down, and probes nobody while it drains", async () => {
    await using critical = await startDownstream();
    await using optional = await startDownstream({ status: 500 });
    const services = { critical: { url: critical.url, critical: true }, optional: { url: optional.url } };
    const health = healthCascade({ services, probe: "request", cacheMs: 0, deadlineMs: 5_000 });
    let ready = true;
    await using app = await host.serve([readiness({ isReady: () => ready, health })]);
    const read = async (): Promise<unknown> => {
      const response = await fetch(app.url);
      return [response.status, await response.json()];
    };
    assert.deepEqual(await read(), [200, { status: "ready" }]);
    critical.script = { reset: "before-head" };
    assert.deepEqual(await read(), [503, { status: "not_ready" }]);
    critical.script = {};
    assert.deepEqual(await read(), [200, { status: "ready" }]);
    ready = false;
    assert.deepEqual(await read(), [503, { status: "not_ready" }]);
    assert.equal(critical.received.length, 3);
  });

  test("readiness covers one service that the query names, or several, and 404 for one that does not exist", async () => {
    await using up = await startDownstream();
    await using down = await startDownstream({ status: 500 });
    const health = healthCascade({ services: { up: { url: up.url }, down: { url: down.url, critical: true } }, deadlineMs: 60_000 });
    await using app = await host.serve([readiness({ isReady: () => true, health, requires: [] })]);
    const read = async (query: string): Promise<unknown> => {
      const response = await fetch(app.url + query);
      await response.text();
      return response.status;
    };
    assert.equal(await read(""), 200);
    assert.equal(up.received.length, 0, "nothing is probed for a caller that names no service");
    assert.equal(await read("?service=up"), 200);
    assert.equal(await read("?verbose&service=up&service=up"), 200);
    assert.equal(await read("?service=down"), 503);
    assert.equal(await read("?service=up&service=down"), 503);
    for (const name of ["none", "", "constructor", "up,down"]) assert.equal(await read(`?service=${name}`), 404, name);
    health.close();
  });

  test("readiness that requires services follows those, whatever the others do", async () => {
    await using up = await startDownstream();
    await using down = await startDownstream({ status: 500 });
    const health = healthCascade({ services: { up: { url: up.url }, down: { url: down.url, critical: true } }, deadlineMs: 60_000 });
    for (const [requires, status] of [
      [["up"], 200],
      [["up", "down"], 503],
    ] as const) {
      await using app = await host.serve([readiness({ isReady: () => true, health, requires })]);
      assert.equal((await fetch(app.url)).status, status);
    }
    health.close();
  });

  test("an isReady that throws goes to the error handler", async () => {
    const failure = new Error("no state");
    const isReady = (): boolean => {
      throw failure;
    };
    let seen: unknown;
    await using app = await host.serve([readiness({ isReady })], (error, _req, res, _next) => {
      seen = error;
      res.statusCode = 500;
      res.end();
    });
    assert.equal((await fetch(app.url)).status, 500);
    assert.equal(seen, failure);
  });

  test("both refuse other methods and support HEAD", async () => {
    for (const handler of [liveness(), readiness({ isReady: () => true })]) {
      await using app = await host.serve([handler]);
      const refused = await fetch(app.url, { method: "POST", body: "{}" });
      assert.equal(refused.status, 405);
      assert.equal(refused.headers.get("allow"), "GET, HEAD");
      await refused.text();
      const head = await fetch(app.url, { method: "HEAD" });
      assert.equal(head.status, 200);
      assert.equal(await head.text(), "");
    }
  });
});
