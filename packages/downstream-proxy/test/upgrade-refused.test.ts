import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { deadUrl, eventually, rawRequest, startDownstream } from "@aivillage/testing";

import { downstreamAttempted, downstreamProxy } from "../src/index.ts";
import { collect, rawClient, rawServer } from "./support.ts";
import { ask, raw101, serveUpgrades } from "./upgrade-requests.ts";

test("a refusal of the target is passed on with its status, headers and content", async () => {
  for (const status of [302, 401, 404, 426, 429, 500, 503]) {
    const headers = { "www-authenticate": "Bearer", "retry-after": "7", location: "/login", "content-type": "text/plain", server: "inner" };
    await using target = await startDownstream({ status, headers, body: "no socket for you" });
    await using app = await serveUpgrades({ target: target.url, refusalHeaders: { "X-Frame-Options": "DENY" } });
    const response = await rawRequest(app.port, ask());
    const [head = "", body] = response.split("\r\n\r\n", 2);
    assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
    for (const line of ["www-authenticate: Bearer", "retry-after: 7", "location: /login", "X-Frame-Options: DENY", "Connection: close"])
      assert.ok(head.split("\r\n").includes(line), `${status} ${line}: ${head}`);
    assert.doesNotMatch(head, /^server:/im);
    assert.equal(body, "no socket for you");
  }
});

const chunkedRefusal = `HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n${"x".repeat(1_048_576)}\r\n`;

for (const [what, goOn] of [
  ["is longer than 1 MiB", (socket: Socket) => void socket.end("1\r\nx\r\n0\r\n\r\n")],
  ["breaks off", (socket: Socket) => void socket.destroy()],
] as const) {
  test(`a refusal that ${what} ends with a reset, so that it is not taken for complete`, async () => {
    await using target = await rawServer((socket) => void socket.write(chunkedRefusal));
    await using app = await serveUpgrades({ target: target.url });
    const client = await rawClient(app.port, ask());
    const failed = once(client.socket, "error");
    await eventually(() => client.text().length > 1_000_000, "most of the content arrives");
    assert.match(client.text(), /^HTTP\/1\.1 403 /);
    for (const connection of target.sockets) goOn(connection);
    const [error] = (await failed) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNRESET");
  });
}

test("a client that is slow to read a refusal receives all of it", async (t) => {
  const size = 1_000_000;
  await using target = await startDownstream({ status: 403, headers: { "content-type": "text/plain" }, body: "x".repeat(size) });
  const proxy = downstreamProxy({ target: target.url });
  t.after(() => proxy.close({ deadlineMs: 0 }));
  // The buffers of a Unix socket are small.
  const folder = await mkdtemp(join(tmpdir(), "refusal-"));
  t.after(() => rm(folder, { recursive: true }));
  const server = createServer().on("upgrade", proxy.upgrade).listen(join(folder, "socket"));
  t.after(() => server.close());
  await once(server, "listening");
  const client = connect(join(folder, "socket"));
  t.after(() => client.destroy());
  client.write(ask());
  let received = 0;
  // Long enough for each pause to outlast the second that a refusal of the proxy itself has.
  let isWaiting = false;
  client.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (isWaiting || received < size / 2) return;
    isWaiting = true;
    client.pause();
    setTimeout(() => client.resume(), 1_500);
  });
  await once(client, "close");
  assert.ok(received > size, `${received} bytes arrived`);
});

test("a 5xx of one replica is not passed on while another one changes the protocol", async () => {
  await using sick = await startDownstream({ status: 503 });
  await using well = await raw101();
  await using app = await serveUpgrades({ targets: [{ name: "twin", url: [sick.url, well.url] }], ejection: false, breaker: false });
  using attempts = collect(downstreamAttempted);
  // The choice between replicas is random.
  for (let request = 0; request < 100 && !attempts.some(({ status }) => status === 503); request += 1) {
    const client = await rawClient(app.port, ask());
    await eventually(() => client.text() !== "", "a response comes");
    assert.match(client.text(), /^HTTP\/1\.1 101 /);
    client.socket.destroy();
  }
  assert.equal(attempts.find(({ status }) => status === 503)?.outcome, "server_error");
});

test("a target that returns 200 instead of changing the protocol is a 502 problem", async () => {
  await using target = await startDownstream({ status: 200, body: "inner words" });
  const problemTypeUri = "https://errors.example/{slug}";
  await using app = await serveUpgrades({ targets: [{ name: "twin", url: target.url }], problemTypeUri, refusalHeaders: { "X-Own": "1" } });
  const [head = "", body = ""] = (await rawRequest(app.port, ask())).split("\r\n\r\n", 2);
  assert.match(head, /^HTTP\/1\.1 502 [^]*X-Own: 1\r\n[^]*Connection: close/);
  assert.deepEqual(JSON.parse(body), {
    type: "https://errors.example/upgrade-refused",
    title: "Upgrade refused",
    status: 502,
    detail: "The upstream service did not switch protocols; it responded with 200.",
  });
});

test("a target that is down, silent or speaks no HTTP is refused like any other request", async () => {
  await using silent = await rawServer();
  await using nonsense = await rawServer((socket) => void socket.end("nonsense\r\n\r\n"));
  await using other = await rawServer(
    (socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: mqtt\r\n\r\n"),
  );
  const cases: [url: string, status: number][] = [
    [await deadUrl(), 502],
    [silent.url, 504],
    [nonsense.url, 502],
    [other.url, 502],
  ];
  await Promise.all(
    cases.map(async ([url, status]) => {
      await using app = await serveUpgrades({ target: url, headersTimeoutMs: 1_000 });
      assert.match(await rawRequest(app.port, ask()), new RegExp(`^HTTP/1\\.1 ${status} [^]*problem\\+json`));
    }),
  );
});

test("what may not be passed on is refused and never reaches the target", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url, viaName: "me" });
  const cases: [request: string, status: number][] = [
    [ask().replace("GET", "POST"), 501],
    [ask("", "/../x"), 400],
    [ask("", "http://evil/"), 400],
    [ask("Host: b\r\n"), 400],
    [ask("Content-Length: 3\r\n"), 400],
    [ask("Via: 1.1 me\r\n"), 508],
  ];
  for (const [request, status] of cases) assert.match(await rawRequest(app.port, request), new RegExp(`^HTTP/1\\.1 ${status} `), request);
  assert.equal(target.text(), "");
});
