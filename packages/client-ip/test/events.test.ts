import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, type Handler } from "@aivillage/middleware";
import { forEachHost, type Host } from "@aivillage/testing";

import { clientIp, type ForwardingHeaderIgnored, forwardingHeaderIgnored } from "../src/index.ts";

/** What is published while these handlers get one request after another. */
async function published(host: Host, handler: Handler, requests: readonly Record<string, string>[]) {
  const seen: Omit<ForwardingHeaderIgnored, "req">[] = [];
  const stop = forwardingHeaderIgnored.subscribe(({ peer, header }) => void seen.push({ peer, header }));
  try {
    await using app = await host.serve([handler, (_req, res) => void res.end()]);
    for (const headers of requests) await (await fetch(app.url, { headers })).text();
  } finally {
    stop();
  }
  return seen;
}

forEachHost((host) => {
  test("the first forwarding header of a peer that is not trusted is published, whatever follows", async () => {
    const requests = [{}, { forwarded: "for=203.0.113.7" }, { "x-forwarded-for": "203.0.113.7" }];
    assert.deepEqual(await published(host, clientIp(), requests), [{ peer: "127.0.0.1", header: "forwarded" }]);
  });

  test("each middleware publishes its own first one", async () => {
    const both = compose(clientIp(), clientIp({ trustedProxies: ["10.0.0.0/8"] }));
    assert.equal((await published(host, both, [{ "x-forwarded-for": "203.0.113.7" }])).length, 2);
  });

  test("nothing is published about a trusted proxy, or a request without such a header", async () => {
    assert.deepEqual(await published(host, clientIp({ trustedProxies: ["loopback"] }), [{ "x-forwarded-for": "203.0.113.7" }]), []);
    assert.deepEqual(await published(host, clientIp(), [{}]), []);
  });

  test("a header that came before anybody listened does not keep the next one from being published", async () => {
    const handler = clientIp();
    await using app = await host.serve([handler, (_req, res) => void res.end()]);
    await (await fetch(app.url, { headers: { "x-forwarded-for": "203.0.113.7" } })).text();
    assert.equal((await published(host, handler, [{ "x-forwarded-for": "203.0.113.7" }])).length, 1);
  });
});
