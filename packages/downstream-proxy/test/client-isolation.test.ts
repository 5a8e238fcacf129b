import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { eventually, startDownstream } from "@aivillage/testing";

import { breakerChanged, type DownstreamProxyOptions, replicaChanged } from "../src/index.ts";
import { collect, rawClient, send, serveProxy } from "./support.ts";

/** The tests say by a header field who sends. */
const options: Partial<DownstreamProxyOptions> = {
  clientIp: (req: IncomingMessage) => String(req.headers["x-client"]),
  headersTimeoutMs: 1_000,
  retries: false,
};

function statusFor(url: string, client: string): Promise<number> {
  return send(url, { headers: { "x-client": client } }).then(({ status }) => status);
}

/** A service that does as the path says. */
function misbehaving() {
  return startDownstream(({ url }) => {
    if (url === "/hang") return { hang: true };
    if (url === "/reset") return { reset: "before-head" };
    return url === "/refuse" ? { status: 413, ignoreBody: true } : url === "/500" ? { status: 500 } : {};
  });
}

for (const path of ["/500", "/refuse", "/reset", "/hang"]) {
  test(`requests of one client to ${path} cost no other client anything`, async () => {
    await using service = await misbehaving();
    await using app = await serveProxy({ target: service.url, ...options });
    using changes = collect(breakerChanged);
    await Promise.all(Array.from({ length: 60 }, () => statusFor(app.url + path, "192.0.2.1")));
    await Promise.all(["192.0.2.2", "192.0.2.3"].map((unlucky) => statusFor(app.url + path, unlucky)));
    for (let request = 0; request < 5; request += 1) assert.equal(await statusFor(app.url, "192.0.2.9"), 200);
    assert.deepEqual([...changes], []);
  });
}

test("one client with all addresses of an IPv6 network is one client", async () => {
  await using service = await misbehaving();
  await using app = await serveProxy({ target: service.url, ...options });
  using changes = collect(breakerChanged);
  await Promise.all(Array.from({ length: 60 }, (_none, index) => statusFor(`${app.url}/reset`, `2001:db8::${index}:1`)));
  assert.equal(await statusFor(app.url, "192.0.2.9"), 200);
  assert.deepEqual([...changes], []);
});

/** Each principal may send from as many addresses as it likes. */
const byPrincipal: Partial<DownstreamProxyOptions> = { ...options, principal: ({ headers }) => headers["x-principal"] as string };

function statusOf(url: string, principal: string, client: number): Promise<number> {
  return send(url, { headers: { "x-principal": principal, "x-client": `192.0.2.${client}` } }).then(({ status }) => status);
}

for (const path of ["/reset", "/hang"]) {
  test(`one principal that sends requests to ${path} from many addresses costs another principal nothing`, async () => {
    await using service = await misbehaving();
    await using app = await serveProxy({ target: service.url, ...byPrincipal });
    using changes = collect(breakerChanged);
    assert.equal(await statusOf(app.url, "other", 250), 200);
    await Promise.all(Array.from({ length: 60 }, (_none, client) => statusOf(app.url + path, "attacker", client)));
    assert.equal(await statusOf(app.url, "other", 250), 200);
    assert.deepEqual([...changes], []);
  });
}

test("the only principal there is has its clients counted, and two that both fail are enough", async () => {
  await using service = await misbehaving();
  for (const principals of [["only"], ["one", "two"]]) {
    await using app = await serveProxy({ target: service.url, ...byPrincipal, failureWindow: { minRequests: 4 } });
    const names = Array.from({ length: 12 }, (_none, index) => principals[index % principals.length] ?? "");
    await Promise.all(names.map((name, client) => statusOf(`${app.url}/reset`, name, client)));
    assert.equal(app.proxy.state()[0]?.breaker, "open", principals.join(" and "));
  }
});

test("a service that hangs for many clients opens the breaker", async () => {
  await using service = await misbehaving();
  await using app = await serveProxy({ target: service.url, ...options });
  await Promise.all(Array.from({ length: 12 }, (_none, index) => statusFor(`${app.url}/hang`, `192.0.2.${index}`)));
  assert.equal(app.proxy.state()[0]?.breaker, "open");
  assert.equal(await statusFor(app.url, "192.0.2.9"), 503);
});

test("statuses count as failures only when they are named, and then of distinct clients", async () => {
  await using service = await misbehaving();
  await using app = await serveProxy({ target: service.url, ...options, failureStatuses: [500] });
  for (let request = 0; request < 30; request += 1) assert.equal(await statusFor(`${app.url}/500`, "192.0.2.1"), 500);
  assert.equal(app.proxy.state()[0]?.breaker, "closed");
  for (let client = 2; client < 12; client += 1) await statusFor(`${app.url}/500`, `192.0.2.${client}`);
  assert.equal(app.proxy.state()[0]?.breaker, "open");
});

test("one client ejects no replica", async () => {
  await using a = await misbehaving();
  await using b = await misbehaving();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [a.url, b.url] }], ...options });
  using ejections = collect(replicaChanged);
  using changes = collect(breakerChanged);
  for (const path of ["/hang", "/reset"]) {
    await Promise.all(Array.from({ length: 60 }, () => statusFor(app.url + path, "192.0.2.1")));
  }
  assert.equal(await statusFor(app.url, "192.0.2.9"), 200);
  assert.deepEqual([...ejections, ...changes], []);
});

test("news that the service is down gives one client no more power", async () => {
  await using service = await misbehaving();
  await using app = await serveProxy({ target: service.url, ...options });
  app.proxy.reportHealth({ target: "downstream", healthy: false });
  await Promise.all(Array.from({ length: 60 }, () => statusFor(`${app.url}/reset`, "192.0.2.1")));
  assert.equal(await statusFor(app.url, "192.0.2.9"), 200);
});

test("clients that leave before the response say nothing of the target", async () => {
  await using service = await misbehaving();
  await using app = await serveProxy({ target: service.url, ...options, headersTimeoutMs: 60_000 });
  for (let client = 0; client < 20; client += 1) {
    const { socket } = await rawClient(app.port, `GET /hang HTTP/1.1\r\nHost: a\r\nX-Client: 192.0.2.${client}\r\n\r\n`);
    await eventually(() => service.received.length === client + 1, "the request is there");
    socket.destroy();
  }
  await eventually(() => app.proxy.state()[0]?.replicas[0]?.requests === 0, "all have left");
  assert.equal(app.proxy.state()[0]?.breaker, "closed");
});
