import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";

import { startDownstream } from "@aivillage/testing";

import { healthCascade, liveness, readiness } from "../src/index.ts";

const refused =
  (factory: (options: never) => unknown) =>
  (options: unknown, message: RegExp): void => {
    assert.throws(() => factory(options as never), { name: "TypeError", message });
  };

test("healthCascade() needs services and names what is unknown or bad", () => {
  const check = refused(healthCascade);
  check(undefined, /^@aivillage\/health-cascade: option `services` must be an object of services by name, got undefined$/);
  check({}, /`services` must be/);
  check({ services: [] }, /`services` must be/);
  check({ services: new Map([["twin", { url: "http://localhost:8001" }]]) }, /`services` must be .*, got Map/);
  check(
    { services: {}, service: {} },
    /unknown option `service` \(did you mean `services`\?\); known options: services, probe, intervalMs, deadlineMs, cacheMs, staleMs, timeoutMs, rise, fall, reportedHealthMs, showReplicas, environment$/,
  );
  check({ services: {}, deadlineMs: 0 }, /`deadlineMs` must be an integer from 1 to 60000, got 0/);
  check({ services: {}, deadlineMs: "80" }, /`deadlineMs`/);
  check({ services: {}, cacheMs: -1 }, /`cacheMs` must be an integer from 0 to 3600000, got -1/);
  check({ services: {}, timeoutMs: 0.5 }, /`timeoutMs`/);
  check({ services: {}, staleMs: -1 }, /`staleMs` must be an integer from 0 to 3600000, got -1/);
  check({ services: {}, probe: "always" }, /`probe` must be one of "background", "primary", "request", got 'always'/);
  check({ services: {}, intervalMs: 9 }, /`intervalMs` must be an integer from 10 to 3600000, got 9/);
  check({ services: {}, cacheMs: 0 }, /`cacheMs` must be left out unless `probe` is "request", got 0/);
  check({ services: {}, staleMs: 0, probe: "background" }, /`staleMs` must be left out unless `probe` is "request", got 0/);
  check(
    { services: {}, intervalMs: 500, probe: "request" },
    /`intervalMs` must be left out unless `probe` is "background" or "primary", got 500/,
  );
  check({ services: {}, rise: 0 }, /`rise` must be an integer from 1 to 100, got 0/);
  check({ services: {}, fall: 101 }, /`fall` must be an integer from 1 to 100, got 101/);
  check({ services: {}, reportedHealthMs: -1 }, /`reportedHealthMs` must be an integer from 0 to 3600000, got -1/);
  check({ services: {}, showReplicas: 1 }, /`showReplicas` must be true or false, got 1/);
  check({ services: {}, environment: "" }, /`environment` must be a non-empty string/);
});

test("the name of the service stands before a bad option of it", () => {
  const check = (service: unknown, message: RegExp): void => refused(healthCascade)({ services: { twin: service } }, message);
  const url = "http://localhost:8001";
  check({}, /^@aivillage\/health-cascade: option `services\.twin\.url` must be a base URL or a list of them, got undefined$/);
  check("http://localhost:8001", /option `services\.twin` must be an object, got string/);
  check(undefined, /option `services\.twin\.url` must be a base URL or a list of them, got undefined/);
  check({ url: [] }, /option `services\.twin\.url` must be a base URL or a list of them/);
  check({ url: [url, 5] }, /option `services\.twin\.url`/);
  check({ url: "localhost:8001" }, /option `services\.twin\.url` must be an http: or https: URL .*got 'localhost:8001'/);
  check({ url: "ftp://localhost" }, /twin\.url`/);
  check({ url: `${url}?a=1` }, /without credentials, query or fragment/);
  check({ url, path: "healthz" }, /option `services\.twin\.path` must be a path that starts with \/, got 'healthz'/);
  check({ url, path: "/a b" }, /path`/);
  check({ url, critical: 1 }, /option `services\.twin\.critical` must be true or false/);
  check({ url, timeoutMs: 0 }, /option `services\.twin\.timeoutMs`/);
  check({ url, rise: 0 }, /option `services\.twin\.rise` must be an integer from 1 to 100, got 0/);
  check({ url, fall: 1.5 }, /option `services\.twin\.fall`/);
  check({ url, intervalMs: 0 }, /option `services\.twin\.intervalMs` must be an integer from 10 to 3600000, got 0/);
  for (const expectedStatus of [99, 600, "200", "1xx", "2XX", [], [200, "x"], 200.5])
    check({ url, expectedStatus }, /option `services\.twin\.expectedStatus`/);
  check(
    { url, replicas: 2 },
    /unknown option `services\.twin\.replicas`; known options: url, path, tls, outboundProxy, http2, critical, timeoutMs, intervalMs, rise, fall, expectedStatus, disabled/,
  );
});

test("a service that is disabled is checked all the same", () => {
  refused(healthCascade)({ services: { twin: { url: "nowhere", disabled: true } } }, /option `services\.twin\.url`/);
});

test("credentials in a URL are refused and not repeated", () => {
  const secret = "http://admin:hunter2@localhost:8001";
  for (const url of [secret, [secret], ["http://localhost:8001", secret, 5 as never]]) {
    assert.throws(
      () => healthCascade({ services: { twin: { url } } }),
      (error: Error) => /without credentials/.test(error.message) && !/hunter2|admin/.test(error.message),
    );
  }
});

test("names that JSON or a log could stumble over are refused", () => {
  for (const name of ["", "__proto__", "a/b", "a b", "a\n", "x".repeat(257)]) {
    refused(healthCascade)(
      { services: Object.fromEntries([[name, { url: "http://localhost" }]]) },
      /`services` must be an object whose names/,
    );
  }
});

test("readiness() needs isReady, and liveness() takes nothing", () => {
  refused(readiness)(undefined, /`isReady` must be a function, got undefined/);
  refused(readiness)({ isReady: true }, /`isReady` must be a function, got true/);
  refused(readiness)({ isReady: () => true, health: {} }, /`health` must be a health cascade, got \{\}/);
  refused(readiness)({ isReady: () => true, requires: [] }, /`requires` must be left out without `health`, got \[\]/);
  const health = healthCascade({ services: {} });
  refused(readiness)({ isReady: () => true, health, requires: "twin" }, /`requires` must be a list of services, got 'twin'/);
  refused(readiness)({ isReady: () => true, path: "/" }, /unknown option `path`/);
  assert.equal(liveness.length, 0);
});

test("changing the options object later changes nothing", async () => {
  await using twin = await startDownstream();
  const url = [twin.url];
  const services = { twin: { url, critical: false } };
  const health = healthCascade({ services, deadlineMs: 5_000 });
  url[0] = "http://localhost:1";
  services.twin.critical = true;
  assert.equal((await health.check()).status, "healthy");
});

test("liveness() refuses options, and a request that it is mounted for without a call", () => {
  const check = refused(liveness);
  check({ path: "/livez" }, /unknown option `path`/);
  check(new IncomingMessage(new Socket()), /got a request; call the function and mount the handler that it returns/);
});
