// Takes long: each load runs for seconds.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { listen } from "@aivillage/testing";

import { type Child, start } from "../src/child.ts";
import { folders } from "../src/folders.ts";
import { pacedLoad } from "../src/loads/paced-load.ts";
import { isComplete } from "../src/loads/raw-client.ts";
import { rawRequest } from "../src/loads/raw-request.ts";
import { EventCounter, repeated, streamLoad } from "../src/loads/stream-load.ts";
import { uploadLoad } from "../src/loads/upload-load.ts";
import { meterOf } from "../src/process-meter.ts";
import { callRequest, calls, chatBody, chatRequest, localRequest, longChatRequests, streamRequest, streams } from "../src/traffic.ts";
import type { UpstreamPorts } from "../src/upstream.ts";

const meter = { ...meterOf(process.pid), residentBytes: () => 12_345 };

describe("against the upstream itself", () => {
  let child: Child;
  let ports: UpstreamPorts;
  before(async () => {
    child = start(process.execPath, [folders.upstreamProgram], {}, "ipc");
    ports = await new Promise((resolve) => child.process.once("message", (message) => resolve(message as UpstreamPorts)));
  });
  after(() => child.stop());

  const post = (body: string) => fetch(`http://127.0.0.1:${ports.healthy}/v1/chat`, { ...chatRequest, body });

  test("the chat request has 200 bytes and gets a response", async () => {
    assert.equal(chatBody.length, 200);
    const response = await post(chatBody);
    assert.deepEqual([response.status, typeof ((await response.json()) as { response: unknown }).response], [200, "string"]);
  });

  for (const [id, request] of Object.entries(longChatRequests)) {
    test(`the request of ${id} has its length and gets a response`, async () => {
      assert.equal(request.body?.length, Number(/\d+/.exec(id)?.[0]) * 1_000);
      assert.equal((await post(request.body ?? "")).status, 200);
    });
  }

  test("a paced load sends what is due, and each request once", async () => {
    const result = await pacedLoad(chatRequest, 200, 4)({ port: ports.healthy, seconds: 1, meter });
    assert.equal(result.units, 200);
    assert.ok(result.p50Ms > 0 && result.p99Ms >= result.p50Ms);
  });

  test("a body that lost bytes is found out", async () => assert.equal((await post(chatBody.slice(1))).status, 400));

  test("streams are read to their last event, with the memory while all are open", async () => {
    const result = await streamLoad(streamRequest, { ...streams, count: 3 })({ port: ports.healthy, seconds: 1, meter });
    assert.deepEqual([result.units, result.residentBytes], [3 * streams.eventsEach, 12_345]);
    assert.ok(result.p50Ms > 0 && result.p99Ms < streams.holdMs && result.seconds > 0.5);
  });

  test("calls are read to their last event, and repeated as long as the measurement lasts", async () => {
    const shape = { ...calls, count: 2 };
    const result = await repeated(streamLoad(callRequest, shape))({ port: ports.healthy, seconds: calls.holdMs / 1_000, meter });
    assert.equal(result.units, 2 * calls.eventsEach);
    assert.ok(result.p50Ms > 0 && result.p99Ms >= result.p50Ms && result.seconds > 1);
    let again = result;
    // On a busy machine a round takes longer.
    for (let seconds = 3; again.units < 2 * result.units; seconds *= 2) {
      again = await repeated(streamLoad(callRequest, shape))({ port: ports.healthy, seconds, meter });
    }
    assert.equal(again.units % result.units, 0);
  });

  test("a call reports the tokens that it streams, and ends as a model server ends it", async () => {
    const response = await fetch(`http://127.0.0.1:${ports.healthy}${callRequest.path}`, callRequest);
    const events = (await response.text()).split("\n\n").filter((event) => event !== "");
    const { usage } = JSON.parse(events.at(-2)?.slice("data: ".length) ?? "") as { usage: { completion_tokens: number } };
    assert.deepEqual([events.length, usage.completion_tokens, events.at(-1)], [calls.eventsEach, calls.eventsEach - 4, "data: [DONE]"]);
  });

  test("uploads arrive whole", async () => {
    const result = await uploadLoad(1, 2)({ port: ports.healthy, seconds: 0, meter });
    assert.equal(result.units, 2);
    assert.ok(result.p99Ms >= result.p50Ms && result.p50Ms > 0);
  });

  test("the hanging service takes connections and says nothing", async () => {
    await assert.rejects(fetch(`http://127.0.0.1:${ports.hanging}/`, { signal: AbortSignal.timeout(150) }), { name: "TimeoutError" });
  });
});

describe("a load generator", () => {
  test("fails when streams are refused", async () => {
    await using server = await listen((_req, res) => void res.writeHead(503).end());
    await assert.rejects(
      streamLoad(streamRequest, { ...streams, count: 2 })({ port: server.port, seconds: 1, meter }),
      /a stream was refused: HTTP\/1\.1 503 Service Unavailable/,
    );
  });

  test("fails when streams end early", async () => {
    await using server = await listen((_req, res) => void res.writeHead(200, { Connection: "close" }).end("data: 1\n\ndata: 2\n\n"));
    await assert.rejects(
      streamLoad(streamRequest, { ...streams, count: 1 })({ port: server.port, seconds: 1, meter }),
      /ended after 2 of 101 events/,
    );
  });

  test("at a steady pace fails when a request is refused", async () => {
    await using server = await listen((_req, res) => void res.writeHead(429).end());
    await assert.rejects(pacedLoad(localRequest, 100, 2)({ port: server.port, seconds: 1, meter }), /a request got 429/);
  });

  test("fails when an upload is refused", async () => {
    await using server = await listen((req, res) => void req.resume().on("end", () => res.writeHead(413).end()));
    await assert.rejects(uploadLoad(1, 1)({ port: server.port, seconds: 0, meter }), /an upload got 413/);
  });
});

describe("the event counter", () => {
  const bytes = Buffer.from("HTTP/1.1 200 OK\r\nA: b\r\n\r\n7\r\ndata:1\n\n\r\n10\r\ndata:2\n\ndata:3\n\n\r\n0\r\n\r\n");

  for (let cut = 0; cut <= bytes.length; cut += 1) {
    test(`finds three events when the bytes are cut at ${cut}`, () => {
      const counter = new EventCounter();
      counter.read(bytes.subarray(0, cut));
      counter.read(bytes.subarray(cut));
      assert.equal(counter.events, 3);
    });
  }

  test("finds them byte by byte", () => {
    const counter = new EventCounter();
    for (const byte of bytes) counter.read(Buffer.of(byte));
    assert.equal(counter.events, 3);
  });
});

test("a response is complete by its length or its last chunk", () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  assert.deepEqual(["HTTP/1.1 200 OK\r\n", `${head}ab`, `${head}abc`].map(isComplete), [false, false, true]);
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n";
  assert.deepEqual([chunked, `${chunked}0\r\n\r\n`].map(isComplete), [false, true]);
});

test("a raw request has its host, its headers and the length of its body in bytes", () => {
  assert.equal(
    rawRequest({ method: "POST", path: "/a", headers: { "X-B": "c" }, body: "é" }, 80),
    "POST /a HTTP/1.1\r\nHost: 127.0.0.1:80\r\nX-B: c\r\nContent-Length: 2\r\n\r\né",
  );
  assert.ok(!rawRequest(localRequest, 80).includes("Content-Length"));
});
