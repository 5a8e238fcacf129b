import assert from "node:assert/strict";
import { test } from "node:test";

import { listen, type RunningServer, startDownstream } from "@aivillage/testing";

import { downstreamProxy } from "../src/index.ts";
import { send, serveProxy } from "./support.ts";

test("a request that comes round in a circle ends with 508 at once", async () => {
  let passes = 0;
  const front: RunningServer = await listen((req, res) => {
    passes += 1;
    proxy(req, res, (error) => {
      const { status, type } = error as { status: number; type: string };
      res.writeHead(status, { "X-Type": type }).end();
    });
  });
  const proxy = downstreamProxy({ target: front.url, viaName: "village-1", retries: false });
  const response = await send(front.url);
  assert.equal(response.status, 508);
  assert.equal(response.headers["x-type"], "loop-detected");
  assert.equal(passes, 2);
  await proxy.close();
  await front[Symbol.asyncDispose]();
});

test("our name is found wherever it stands in Via, and other names pass", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url, viaName: "me" });
  for (const via of ["1.1 me", "1.0 edge, 1.1 ME", "HTTP/1.1 me (comment)", "1.1 me, 1.1 cache", "1.1  me"]) {
    assert.equal((await send(app.url, { headers: { Via: via } })).status, 508, via);
  }
  assert.equal(downstream.received.length, 0);
  for (const via of ["1.1 meadow", "1.1 not-me", "1.1 edge (me)", "1.1 me.example", "me"]) {
    assert.equal((await send(app.url, { headers: { Via: via } })).status, 200, via);
    assert.equal(downstream.received.at(-1)?.headers.via, `${via}, 1.1 me`);
  }
});

test("proxies without a name may stand in a chain, and clients see no suffix", async () => {
  await using downstream = await startDownstream();
  await using inner = await serveProxy({ target: downstream.url });
  await using outer = await serveProxy({ target: inner.url });
  const { status, headers } = await send(outer.url);
  assert.equal(status, 200);
  assert.equal(headers.via, "1.1 aivillage");
  assert.match(downstream.received[0]?.headers.via ?? "", /^1\.1 aivillage-\w{8}, 1\.1 aivillage-\w{8}$/);
});

test("proxies with names of their own may stand in a chain", async () => {
  await using downstream = await startDownstream();
  await using inner = await serveProxy({ target: downstream.url, viaName: "inner" });
  await using outer = await serveProxy({ target: inner.url, viaName: "outer" });
  assert.equal((await send(outer.url)).status, 200);
  assert.equal(downstream.received[0]?.headers.via, "1.1 outer, 1.1 inner");
});
