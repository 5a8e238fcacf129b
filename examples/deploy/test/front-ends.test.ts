import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { connect } from "node:http2";
import { request } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { after, before, describe, test } from "node:test";

import { loadConfig } from "@aivillage/gateway";
import { listen, eventually } from "@aivillage/testing";

import { apiKey, type Behind, maxFileBytes, startBehind } from "./behind.ts";
import { caddy, type FrontEndSample, nginx, type RunningFrontEnd, startFrontEnd } from "./front-end.ts";
import { ask, open } from "./https-client.ts";
import { inSeconds, readKit } from "./kit.ts";

const authorization = `Bearer ${apiKey}`;

/** What attackers say of themselves. */
const forged = Object.fromEntries(
  `
    X-Real-IP X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-User X-Forwarded-Email
    X-Forwarded-Groups X-Forwarded-Client-Cert X-Forwarded-Ssl Forwarded X-Original-URL X-Rewrite-URL X-HTTP-Method-Override X-Client-IP
    True-Client-IP CF-Connecting-IP X-Cluster-Client-IP Remote-User X-Remote-User X-Auth-Request-User X-User-Id X-SSL-Client-Verify
  `
    .trim()
    .split(/\s+/)
    .map((name) => [name, "forged"]),
);

function multipart(bytes: number): { headers: Record<string, string>; body: Buffer } {
  const head = '--form\r\nContent-Disposition: form-data; name="file"; filename="notes.txt"\r\nContent-Type: text/plain\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, "a note. "), Buffer.from("\r\n--form--\r\n")]);
  return { headers: { authorization, "content-type": "multipart/form-data; boundary=form" }, body };
}

for (const sample of [nginx, caddy]) describe(`${sample.name} before a gateway`, { skip: sample.skip }, () => suite(sample));

function suite(sample: FrontEndSample): void {
  const stack = new AsyncDisposableStack();
  let gateway: Behind;
  let frontEnd: RunningFrontEnd;
  before(async () => {
    gateway = await startBehind(stack);
    frontEnd = stack.use(await startFrontEnd(sample, gateway.port));
  });
  after(() => stack.disposeAsync());

  test("the gateway sees the address of the client, whatever the client says of it", async () => {
    const claims = { "x-forwarded-for": "203.0.113.9, 127.0.0.1", forwarded: "for=203.0.113.9", "x-real-ip": "203.0.113.9" };
    const response = await ask(frontEnd, "/", { from: "127.0.0.7", headers: claims });
    assert.equal(response.status, 200);
    const id = response.headers["x-request-id"];
    const line = gateway.lines.find(({ request_id }) => request_id === id);
    assert.equal(line?.["client_ip"], "127.0.0.7");
  });

  test("a service gets the address that the front end saw, and nothing that the client says of itself", async () => {
    const headers = { ...forged, authorization, "content-type": "application/json" };
    const response = await ask(frontEnd, "/v1/query", { method: "POST", from: "127.0.0.6", headers, body: '{"query":"hello"}' });
    assert.equal(response.status, 200);
    const received = gateway.received();
    assert.deepEqual(
      Object.entries(received).filter(([, value]) => String(value).includes("forged")),
      [],
    );
    assert.deepEqual(
      [received["x-forwarded-for"], received["x-forwarded-proto"], received.forwarded?.split(";")[0]],
      ["127.0.0.6, 127.0.0.1", "https", "for=127.0.0.6"],
    );
  });

  test("a client that changes what it says of its address has one limit, and another client its own", async () => {
    const statuses = [];
    for (let count = 0; count < 31; count += 1) {
      statuses.push((await ask(frontEnd, "/", { from: "127.0.0.8", headers: { "x-forwarded-for": `203.0.113.${count}` } })).status);
    }
    assert.deepEqual(statuses, [...Array.from({ length: 30 }, () => 200), 429]);
    assert.equal((await ask(frontEnd, "/", { from: "127.0.0.9" })).status, 200);
  });

  test("each event of a stream arrives before the next one is made", async () => {
    const headers = { authorization, "content-type": "application/json", accept: "text/event-stream" };
    const asked = open(frontEnd, "/v1/chat", { method: "POST", headers, body: '{"message":"hello"}' });
    while (gateway.chats.length === 0) await new Promise(setImmediate);
    const service = gateway.chats[0];
    service?.write("data: 0\n\n");
    const response = await asked;
    assert.equal(response.headers["content-type"], "text/event-stream");
    response.setEncoding("utf8");
    for (let count = 0; count < 5; count += 1) {
      assert.deepEqual(await once(response, "data"), [`data: ${count}\n\n`]);
      service?.write(`data: ${count + 1}\n\n`);
    }
    service?.end();
    response.resume();
    await once(response, "end");
  });

  test("a file passes, one that is too large for the gateway is refused by the gateway", async () => {
    const fitting = multipart(maxFileBytes - 1_000);
    assert.equal((await ask(frontEnd, "/v1/upload", { method: "POST", ...fitting })).status, 200);
    assert.ok((gateway.uploads[0] ?? 0) > maxFileBytes - 1_000);
    const refused = await ask(frontEnd, "/v1/upload", { method: "POST", ...multipart(maxFileBytes + 1_000) });
    assert.equal(refused.status, 413);
    assert.equal(refused.headers["content-type"], "application/problem+json");
    assert.ok(refused.headers["x-request-id"], "the gateway has responded");
  });

  test("a body that no file can have is refused with a problem document", async () => {
    const headers = { ...multipart(0).headers, "content-length": String(100 * 1_048_576) };
    const refused = await open(frontEnd, "/v1/upload", { method: "POST", headers, body: "" });
    assert.equal(refused.statusCode, 413);
    assert.equal(refused.headers["content-type"], "application/problem+json");
    refused.destroy();
  });

  test("metrics are for those who ask the gateway itself", async () => {
    assert.equal((await fetch(`${gateway.url}/metrics`)).status, 200);
    const response = await ask(frontEnd, "/metrics");
    assert.equal(response.status, 404);
    assert.equal(response.headers["content-type"], "application/problem+json");
    assert.deepEqual(JSON.parse(response.body), { type: "about:blank", title: "Not Found", status: 404 });
  });

  test("HTTP/2 works", async () => {
    const session = connect(`https://localhost:${frontEnd.port}`, { ca: frontEnd.certificate });
    const stream = session.request({ ":path": "/livez" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(headers[":status"], 200);
    stream.resume();
    await once(stream, "close");
    session.close();
  });

  test("connections to the gateway are used again", async () => {
    const sockets = new Set<unknown>();
    const onRequest = (message: unknown): void => void sockets.add((message as { socket: unknown }).socket);
    subscribe("http.server.request.start", onRequest);
    for (let count = 0; count < 40; count += 1) assert.equal((await ask(frontEnd, "/livez")).status, 200);
    unsubscribe("http.server.request.start", onRequest);
    // Each process of the front end has its own, and a busy machine may be idle on one for longer than it is kept.
    assert.ok(sockets.size <= 20, `${sockets.size} connections for 40 requests`);
  });

  // Caddy does that by itself on port 80, which a test cannot have.
  const testPlain = sample === nginx ? test : undefined;
  testPlain?.("a request without TLS is sent on to TLS", async () => {
    const { status, headers } = await fetch(`http://127.0.0.1:${frontEnd.plainPort}/v1/query?a=1`, { method: "POST", redirect: "manual" });
    assert.equal(status, 308);
    assert.equal(headers.get("location"), "https://127.0.0.1/v1/query?a=1");
  });

  test("while the gateway is down clients get 503 with Retry-After", async () => {
    await gateway.close();
    const response = await ask(frontEnd, "/livez");
    assert.equal(response.status, 503);
    assert.equal(response.headers["content-type"], "application/problem+json");
    assert.equal(response.headers["retry-after"], "5");
    assert.deepEqual(JSON.parse(response.body), { type: "about:blank", title: "Service Unavailable", status: 503 });
  });
}

for (const sample of [nginx, caddy]) {
  test(`${sample.name} alone clears what a client says of itself`, { skip: sample.skip }, async () => {
    let received: IncomingHttpHeaders = {};
    await using service = await listen((req, res) => {
      received = req.headers;
      res.end("ok");
    });
    await using frontEnd = await startFrontEnd(sample, service.port);
    assert.equal((await ask(frontEnd, "/v1/query", { from: "127.0.0.6", headers: forged })).status, 200);
    assert.deepEqual(
      Object.entries(received).filter(([, value]) => String(value).includes("forged")),
      [],
    );
    assert.deepEqual([received["x-real-ip"], received["x-forwarded-for"]], ["127.0.0.6", "127.0.0.6"]);
  });
}

describe("nginx.conf alone", { skip: nginx.skip }, () => {
  test("obeys nothing that a response asks of nginx", async () => {
    const orders = { "X-Accel-Redirect": "/elsewhere", "X-Accel-Limit-Rate": "1", "X-Accel-Charset": "utf-7", "X-Accel-Buffering": "yes" };
    await using service = await listen((req, res) => void res.writeHead(200, req.url === "/asked" ? orders : {}).end(req.url));
    await using frontEnd = await startFrontEnd(nginx, service.port);
    const response = await ask(frontEnd, "/asked");
    assert.equal(response.body, "/asked");
    assert.doesNotMatch(String(response.headers["content-type"]), /utf-7/);
  });

  test("passes WebSockets, and no other protocol that a client offers", async (t) => {
    const service = createServer((req, res) => void res.end(String(req.headers.upgrade)));
    service.on("upgrade", (_req, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
      socket.pipe(socket);
    });
    await once(service.listen(0, "127.0.0.1"), "listening");
    t.after(() => service.close());
    await using frontEnd = await startFrontEnd(nginx, (service.address() as AddressInfo).port);
    const { port, certificate: ca } = frontEnd;
    const handshake = request({ port, ca, host: "localhost", headers: { connection: "Upgrade", upgrade: "WebSocket" } }).end();
    const [, socket] = (await once(handshake, "upgrade")) as [unknown, Socket];
    socket.write("hello");
    assert.equal(String((await once(socket, "data"))[0]), "hello");
    socket.destroy();
    const response = await ask(frontEnd, "/", { headers: { connection: "Upgrade", upgrade: "h2c" } });
    assert.equal(response.body, "undefined");
  });

  test("refuses one client that asks too fast, and no other one", async () => {
    await using service = await listen((_req, res) => void res.end("ok"));
    await using frontEnd = await startFrontEnd(nginx, service.port, { "rate=100r/s": "rate=1r/m", "burst=400": "burst=3" });
    const statuses = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await ask(frontEnd, "/", { from: "127.0.0.6" })).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 429]);
    const refused = await ask(frontEnd, "/", { from: "127.0.0.6" });
    assert.equal(refused.headers["retry-after"], "1");
    assert.deepEqual(JSON.parse(refused.body), { type: "about:blank", title: "Too Many Requests", status: 429 });
    assert.equal((await ask(frontEnd, "/", { from: "127.0.0.7" })).status, 200);
  });

  test("refuses more requests of one client at a time than it may have, and takes new ones when one has ended", async () => {
    const waiting: ServerResponse[] = [];
    await using service = await listen((req, res) => void (req.url === "/wait" ? waiting.push(res) : res.end("ok")));
    await using frontEnd = await startFrontEnd(nginx, service.port, { "connections 1100": "connections 2" });
    const held = [ask(frontEnd, "/wait"), ask(frontEnd, "/wait")];
    await eventually(() => waiting.length === 2, "both requests are under way");
    assert.equal((await ask(frontEnd, "/")).status, 429);
    assert.equal((await ask(frontEnd, "/", { from: "127.0.0.7" })).status, 200);
    for (const res of waiting) res.end("ok");
    await Promise.all(held);
    assert.equal((await ask(frontEnd, "/")).status, 200);
  });
});

test("the times and sizes of the samples let the gateway respond first", () => {
  const { timeouts, upload } = loadConfig({ env: {} });
  const keepAliveSeconds = 65;
  const [ours, theirs] = [readKit("nginx.conf"), readKit("Caddyfile")];
  const valueOf = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? assert.fail(`no ${pattern}`);
  for (const readTimeout of [valueOf(ours, /proxy_read_timeout (\w+);/), valueOf(theirs, /response_header_timeout (\w+)/)]) {
    assert.ok(inSeconds(readTimeout) > timeouts.requestSeconds);
  }
  for (const keepAlive of [valueOf(ours, /\skeepalive_timeout (\w+);/), valueOf(theirs, /keepalive (\w+)/)]) {
    assert.ok(inSeconds(keepAlive) < keepAliveSeconds);
  }
  const [megabytes, mebibytes] = [valueOf(theirs, /max_size (\d+)MB/), valueOf(ours, /client_max_body_size (\d+)m;/)];
  assert.ok(Math.min(Number(megabytes) * 1e6, Number(mebibytes) * 2 ** 20) > upload.maxFileBytes + 65_536);
});
