import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { startDownstream, startForwardProxy } from "@aivillage/testing";

import { downstreamAttempted, downstreamProxy, proxyFromEnvironment } from "../src/index.ts";
import { collect, send, serveProxy } from "./support.ts";

async function unixService(t: TestContext, handler: RequestListener): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "service-"));
  const server = createServer(handler).listen(join(folder, "app.sock"));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  await once(server, "listening");
  return join(folder, "app.sock");
}

test("a Unix socket can be a target, with a base path", async (t) => {
  const path = await unixService(t, (req, res) => void res.end(`${req.headers.host} ${req.url}`));
  using attempts = collect(downstreamAttempted);
  await using plain = await serveProxy({ target: `unix:${path}` });
  assert.equal((await send(`${plain.url}/a?b=1`)).body, "localhost /a?b=1");
  await using written = await serveProxy({ target: `unix://${path}` });
  assert.equal((await send(`${written.url}/a`)).body, "localhost /a");
  await using based = await serveProxy({ target: `unix:${path}:/base/` });
  assert.equal((await send(`${based.url}/a`)).body, "localhost /base/a");
  assert.equal(attempts[0]?.origin, `unix:${path}`);
});

test("other spellings of Unix sockets are refused with the one that works", () => {
  for (const target of ["http://unix:/run/app.sock:/", "http://unix/run/app.sock"]) {
    assert.throws(() => downstreamProxy({ target }), /must be `unix:\/path\/of\/a\/socket` for a Unix socket/);
  }
  assert.throws(() => downstreamProxy({ target: "unix://run/app.sock" }), /or `unix:\/path\/of\/a\/socket`/);
  const outboundProxy = "ftp://user:hunter2@proxy.example";
  assert.throws(
    () => downstreamProxy({ targets: [{ name: "a", url: "http://a", outboundProxy }] }),
    ({ message }: Error) => message.includes("ftp://[redacted]@proxy.example") && !message.includes("hunter2"),
  );
  assert.throws(() => downstreamProxy({ target: "unix:app.sock" }), /or `unix:\/path\/of\/a\/socket`/);
});

test("connections to a target can be made through an outbound proxy", async () => {
  await using target = await startDownstream({ body: "hello" });
  await using proxy = await startForwardProxy("user:p@ss");
  const outboundProxy = `http://user:p%40ss@${proxy.host}`;
  await using app = await serveProxy({ targets: [{ name: "provider", url: target.url, outboundProxy }] });
  assert.equal((await send(app.url)).body, "hello");
  assert.equal((await send(app.url)).body, "hello");
  assert.deepEqual(proxy.asked, [new URL(target.url).host]);
});

test("an outbound proxy that refuses is a failed connection, and its address stays here", async () => {
  await using target = await startDownstream();
  await using proxy = await startForwardProxy("user:p@ss");
  using attempts = collect(downstreamAttempted);
  await using app = await serveProxy({
    targets: [{ name: "provider", url: target.url, outboundProxy: `http://${proxy.host}` }],
    retries: false,
  });
  const refused = await send(app.url);
  assert.equal(refused.status, 502);
  assert.match(refused.body, /The upstream service could not be reached/);
  assert.equal(attempts[0]?.outcome, "connect_error");
  assert.equal(target.received.length, 0);
});

test("the environment names the outbound proxy as it does for curl", () => {
  const environment = { HTTPS_PROXY: "http://secure:1", http_proxy: "plain:2", NO_PROXY: "internal.example, .corp.example:8443,10.0.0.1" };
  const cases: [url: string, proxy: string | undefined][] = [
    ["https://api.example", "http://secure:1"],
    ["http://api.example", "http://plain:2"],
    ["http://internal.example/x", undefined],
    ["http://a.internal.example", undefined],
    ["http://notinternal.example", "http://plain:2"],
    ["https://a.corp.example:8443", undefined],
    ["https://a.corp.example", "http://secure:1"],
    ["http://10.0.0.1:8000", undefined],
    ["unix:/run/app.sock", undefined],
  ];
  for (const [url, proxy] of cases) assert.equal(proxyFromEnvironment(url, environment), proxy, url);
  assert.equal(proxyFromEnvironment("https://api.example", { ALL_PROXY: "http://all", NO_PROXY: "*" }), undefined);
  assert.equal(proxyFromEnvironment("https://api.example", { ALL_PROXY: "http://all" }), "http://all");
});
