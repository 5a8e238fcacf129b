import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { listen, rawRequest, startDownstream } from "@aivillage/testing";

import { downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";

const serve = (options: DownstreamProxyOptions, before: Handler = (_req, _res, next) => next()) =>
  listen(toListener(compose(before, downstreamProxy(options))));

test("a body above maxBodyBytes gets a 413, whether its length is announced or not", async () => {
  await using target = await startDownstream();
  await using proxy = await serve({ target: target.url, maxBodyBytes: 1_000 });
  const post = async (length: number) => (await fetch(proxy.url, { method: "POST", body: "x".repeat(length) })).status;
  assert.deepEqual([await post(1_000), await post(1_001)], [200, 413]);
  const chunk = `${(800).toString(16)}\r\n${"x".repeat(800)}\r\n`;
  const head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
  assert.match(await rawRequest(proxy.port, `${head}${chunk}0\r\n\r\n`), /^HTTP\/1\.1 200 /);
  assert.match(await rawRequest(proxy.port, `${head}${chunk}${chunk}0\r\n\r\n`), /^HTTP\/1\.1 413 /);
});

test("a body that is too large is no failure of the target", async () => {
  await using target = await startDownstream();
  const handler = downstreamProxy({ target: target.url, maxBodyBytes: 10, failureWindow: { minRequests: 1, minClients: 1 } });
  await using proxy = await listen(toListener(handler));
  for (let count = 0; count < 5; count += 1) await fetch(proxy.url, { method: "POST", body: "x".repeat(11) });
  assert.equal(handler.state()[0]?.breaker, "closed");
});

test("response headers are withheld by name and by prefix", async () => {
  await using target = await startDownstream({ headers: { "x-inner": "1", "x-team-a": "1", "x-outer": "1" } });
  await using proxy = await serve({ target: target.url, withholdResponseHeaders: ["X-Inner", "X-Team-*"] });
  const { headers } = await fetch(proxy.url);
  assert.deepEqual([headers.get("x-inner"), headers.get("x-team-a"), headers.get("x-outer")], [null, null, "1"]);
});

test("the target sets a header that an earlier handler has set only where that is allowed", async () => {
  await using target = await startDownstream({ headers: { "x-frame-options": "SAMEORIGIN", "referrer-policy": "origin" } });
  const before: Handler = (_req, res, next) => {
    for (const name of ["X-Frame-Options", "Referrer-Policy", "X-Kept"]) res.setHeader(name, "ours");
    next();
  };
  await using proxy = await serve({ target: target.url, overridableResponseHeaders: ["X-Frame-Options", "X-Kept"] }, before);
  const { headers } = await fetch(proxy.url);
  assert.deepEqual(
    ["x-frame-options", "referrer-policy", "x-kept"].map((name) => headers.get(name)),
    ["SAMEORIGIN", "ours", "ours"],
  );
});
