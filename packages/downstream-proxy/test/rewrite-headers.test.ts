import assert from "node:assert/strict";
import { test } from "node:test";

import { startDownstream } from "@aivillage/testing";
import { eventually } from "@aivillage/testing";

import { rewriteHeaders } from "../src/fields/rewrite-headers.ts";
import { downstreamProxy } from "../src/index.ts";
import { rawClient, send, serveProxy } from "./support.ts";
import { ask, serveUpgrades } from "./upgrade-requests.ts";

const settings = { rewriteLocation: true, rewriteCookies: undefined };

function location(value: string, basePath = ""): unknown {
  return rewriteHeaders({ location: value }, { origin: "http://10.0.0.1:8000", basePath }, settings)["location"];
}

test("a location at the target becomes a path of this server, one at another host stays", () => {
  const cases: [given: string, expected: string][] = [
    ["http://10.0.0.1:8000/items/?a=1#b", "/items/?a=1#b"],
    ["HTTPS://10.0.0.1:8000/items/", "/items/"],
    ["//10.0.0.1:8000/items/", "/items/"],
    ["http://10.0.0.1:8000", "/"],
    ["http://10.0.0.1:8000?a=1", "/?a=1"],
    ["/items/", "/items/"],
    ["items/", "items/"],
    ["../items", "../items"],
    ["http://10.0.0.1/items/", "http://10.0.0.1/items/"],
    ["http://10.0.0.1:8000@evil.example/", "http://10.0.0.1:8000@evil.example/"],
    ["https://login.example/", "https://login.example/"],
    ["mailto:a@b.example", "mailto:a@b.example"],
  ];
  for (const [given, expected] of cases) assert.equal(location(given), expected, given);
});

test("the base path of the target is removed, and a location outside it stays", () => {
  const cases: [given: string, expected: string][] = [
    ["http://10.0.0.1:8000/base/items/", "/items/"],
    ["/base/items/", "/items/"],
    ["/base", "/"],
    ["/base?a=1", "/?a=1"],
    ["/basement", "/basement"],
    ["http://10.0.0.1:8000/other", "http://10.0.0.1:8000/other"],
  ];
  for (const [given, expected] of cases) assert.equal(location(given, "/base"), expected, given);
});

test("no location of the target can lead to another host", () => {
  const cases: [given: string, basePath: string][] = [
    ["http://10.0.0.1:8000//evil.example/", ""],
    ["http://10.0.0.1:8000/\\evil.example/", ""],
    ["/base//evil.example/", "/base"],
  ];
  for (const [given, basePath] of cases) {
    const { host } = new URL(String(location(given, basePath)), "https://here.example");
    assert.equal(host, "here.example", given);
  }
});

test("a beginning of the path is exchanged, in locations and cookies", () => {
  const exchange = { rewriteLocation: { from: "/", to: "/app/" }, rewriteCookies: undefined };
  const sender = { origin: "http://10.0.0.1:8000", basePath: "" };
  const here = (headers: Record<string, string>, more: object = {}) => rewriteHeaders(headers, sender, { ...exchange, ...more });
  const locations: [given: string, expected: string][] = [
    ["/login?next=/a#b", "/app/login?next=/a#b"],
    ["http://10.0.0.1:8000/login", "/app/login"],
    ["http://10.0.0.1:8000", "/app/"],
    ["http://10.0.0.1:8000?a=1", "/app/?a=1"],
    ["/app/login", "/app/login"],
    ["/application", "/app/application"],
    ["login", "login"],
    ["https://other.example/login", "https://other.example/login"],
    ["http://10.0.0.1:8000//evil.example/", "/app//evil.example/"],
  ];
  for (const [given, expected] of locations) assert.equal(here({ location: given })["location"], expected, given);
  const cookies: [given: string, expected: string][] = [
    ["s=1; path=/admin; Secure", "s=1; path=/app/admin; Secure"],
    ["s=1; Path=/", "s=1; Path=/"],
    ["s=1; Path=/app", "s=1; Path=/app"],
    ["s=/admin", "s=/admin"],
  ];
  for (const [given, expected] of cookies) assert.deepEqual(here({ "set-cookie": given })["set-cookie"], [expected], given);
  assert.deepEqual(here({ "set-cookie": "s=1; Path=/admin" }, { rewriteCookies: { path: "/own" } })["set-cookie"], ["s=1; Path=/own"]);
  assert.throws(
    () => downstreamProxy({ target: "http://a", rewriteLocation: { from: "/", to: "app" } }),
    /`rewriteLocation.to` must be a path/,
  );
});

test("redirects of a service that builds them from Host reach the client as paths, of refused upgrades too", async () => {
  await using target = await startDownstream(({ headers }) => ({ status: 307, headers: { location: `http://${headers.host}/items/` } }));
  await using app = await serveProxy({ target: target.url });
  assert.equal((await send(app.url, { headers: { Host: "api.example" } })).headers.location, "/items/");
  await using upgrades = await serveUpgrades({ target: target.url });
  const client = await rawClient(upgrades.port, ask());
  await eventually(() => /\r\nlocation: \/items\/\r\n/.test(client.text()), "the refusal arrives");
  await using unchanged = await serveProxy({ target: target.url, rewriteLocation: false });
  assert.equal((await send(unchanged.url)).headers.location, `${target.url}/items/`);
});

test("domain and path of cookies are replaced where the target sets them", async () => {
  const cookies = ["a=1; Domain=inner.corp; Path=/app; HttpOnly", "b=domain=x; path=/", "c=2"];
  await using target = await startDownstream({ headers: { "set-cookie": cookies } });
  const received = async (rewriteCookies?: { domain?: string; path?: string }) => {
    await using app = await serveProxy({ target: target.url, ...(rewriteCookies && { rewriteCookies }) });
    return (await send(app.url)).headers["set-cookie"];
  };
  assert.deepEqual(await received(), cookies);
  assert.deepEqual(await received({ domain: "example.org", path: "/here" }), [
    "a=1; Domain=example.org; Path=/here; HttpOnly",
    "b=domain=x; Path=/here",
    "c=2",
  ]);
  assert.deepEqual(await received({ domain: "" }), ["a=1; Path=/app; HttpOnly", "b=domain=x; path=/", "c=2"]);
  assert.throws(
    () => downstreamProxy({ target: target.url, rewriteCookies: { path: "/; Secure" } }),
    /`rewriteCookies\.path` must be a path/,
  );
});
