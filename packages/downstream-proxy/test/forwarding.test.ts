import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, forEachHost, type Host, startDownstream } from "@aivillage/testing";

import { downstreamProxy, type DownstreamProxyOptions, getDownstream } from "../src/index.ts";
import { sendProblem, rawServer, send } from "./support.ts";

forEachHost((host: Host) => {
  const serve = async (options: DownstreamProxyOptions) => {
    const proxy = downstreamProxy(options);
    const app = await host.serve([proxy], sendProblem);
    return {
      url: app.url,
      async [Symbol.asyncDispose]() {
        await app[Symbol.asyncDispose]();
        await proxy.close();
      },
    };
  };

  test("method, path, query, fields and body arrive, and status, fields and body come back", async () => {
    await using downstream = await startDownstream({ status: 201, body: { id: 7 }, headers: { "X-Answer": "yes" } });
    await using app = await serve({ target: downstream.url });
    const response = await send(`${app.url}/v1/chat?a=1&b=%2F`, { method: "PUT", headers: { "X-Ask": "why" } }, "hello");
    assert.equal(response.status, 201);
    assert.equal(response.headers["x-answer"], "yes");
    assert.deepEqual(JSON.parse(response.body), { id: 7 });
    const [received] = downstream.received;
    assert.equal(received?.method, "PUT");
    assert.equal(received?.url, "/v1/chat?a=1&b=%2F");
    assert.equal(received?.headers["x-ask"], "why");
    assert.equal(received?.headers.host, new URL(downstream.url).host);
    assert.equal(received?.body.toString(), "hello");
  });

  test("the base path of the target and a fixed path are joined", async () => {
    await using downstream = await startDownstream();
    await using based = await serve({ target: `${downstream.url}/base/` });
    await using fixed = await serve({ targets: [{ name: "a", url: `${downstream.url}/base`, path: "/query" }] });
    await send(`${based.url}/x/y?z=1`);
    await send(`${fixed.url}/x/y?z=1`);
    assert.deepEqual(
      downstream.received.map(({ url }) => url),
      ["/base/x/y?z=1", "/base/query"],
    );
  });

  test("a 4xx of the target is its response and passes through", async () => {
    await using downstream = await startDownstream({ status: 422, body: { error: "too long" } });
    await using app = await serve({ target: downstream.url });
    const response = await send(app.url);
    assert.equal(response.status, 422);
    assert.deepEqual(JSON.parse(response.body), { error: "too long" });
  });

  test("HEAD, 204 and 304 come back without a body and leave the connection usable", async () => {
    await using downstream = await startDownstream((request) => {
      if (request.method === "HEAD") return { body: "12345" };
      return { status: Number(request.url.slice(1)), body: "", headers: { ETag: '"1"' } };
    });
    await using app = await serve({ target: downstream.url });
    const head = await fetch(app.url, { method: "HEAD" });
    assert.equal(head.headers.get("content-length"), "5");
    for (const status of [204, 304, 204]) {
      const response = await fetch(`${app.url}/${status}`);
      assert.equal(response.status, status);
      assert.equal(await response.text(), "");
    }
    const noContent = await fetch(`${app.url}/204`);
    assert.equal(noContent.headers.get("content-length"), null);
    assert.equal(noContent.headers.get("etag"), '"1"');
  });

  test("informational responses are passed over", async () => {
    await using downstream = await rawServer((socket) => {
      socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n");
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone");
    });
    await using app = await serve({ target: downstream.url });
    const response = await send(app.url);
    assert.equal(response.status, 200);
    assert.equal(response.body, "done");
  });

  test("a target that cannot be reached is a 502 that keeps its address to itself", async () => {
    const target = await deadUrl();
    await using app = await serve({ targets: [{ name: "twin", url: target }] });
    const response = await send(app.url);
    assert.equal(response.status, 502);
    assert.deepEqual(JSON.parse(response.body), { status: 502, type: "bad-gateway", detail: "The upstream service could not be reached." });
    assert.ok(!JSON.stringify(response).includes(new URL(target).port));
  });

  test("getDownstream reports which target responded and after how many attempts", async () => {
    await using downstream = await startDownstream();
    const proxy = downstreamProxy({
      targets: [
        { name: "first", url: await deadUrl() },
        { name: "second", url: downstream.url },
      ],
    });
    const seen: unknown[] = [];
    await using app = await host.serve(
      [
        (req, res, next) => {
          seen.push(getDownstream(req));
          res.on("close", () => seen.push(getDownstream(req)));
          next();
        },
        proxy,
      ],
      sendProblem,
    );
    await send(app.url);
    assert.deepEqual(seen, [undefined, { target: "second", attempts: 2 }]);
    await proxy.close();
  });
});
