import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test, type TestContext } from "node:test";

import { eventually } from "@aivillage/testing";

import { configFile } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

/** A service that sends these bytes for any request, and then does that with the connection. */
async function startService(t: TestContext, bytes: string, then: (socket: Socket) => unknown): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined).once("data", () => socket.write(bytes, () => then(socket)));
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startRoute(t: TestContext, upstream: string, more: object = {}): Promise<TestGateway> {
  const routes = [
    { path: "/broken", methods: ["GET", "POST"], body: "stream", upstream: [upstream], public: true, retries: false, ...more },
  ];
  const gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  t.after(() => gateway[Symbol.asyncDispose]());
  return gateway;
}

async function outcomeOf(gateway: TestGateway) {
  const ends = /^(request (completed|aborted)|response incomplete)$/;
  const lines = () => gateway.log.filter(({ message, route }) => ends.test(message) && route === "/broken");
  await eventually(() => lines().length === 1, "it is logged");
  const [line] = lines();
  const metrics = await gateway.gateway.registry.metrics();
  const [, counted] = /^gateway_requests_total\{.*endpoint="\/broken",status="(\d+)"/m.exec(metrics) ?? [];
  return { level: line?.level, message: line?.message, status: line?.["status"], outcome: line?.["outcome"], counted };
}

const head = "HTTP/1.1 200 OK\r\n";
const failure = (status: number) => ({
  level: "error",
  message: "response incomplete",
  status,
  outcome: "incomplete",
  counted: String(status),
});

for (const [what, bytes] of [
  ["shorter than its length", `${head}Content-Length: 50\r\n\r\nhello`],
  ["without its last chunk", `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`],
  ["with a malformed chunk", `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\nhello\r\n0\r\n\r\n`],
] as const) {
  test(`a response that the service ends ${what} counts as a failure of the service`, async (t) => {
    const gateway = await startRoute(t, await startService(t, bytes, (socket) => socket.end()));
    await assert.rejects(async () => (await fetch(`${gateway.url}/broken`)).text());
    assert.deepEqual(await outcomeOf(gateway), failure(502));
  });
}

test("a service that falls silent within its response counts as too late", async (t) => {
  const service = await startService(t, `${head}Content-Length: 50\r\n\r\nhello`, () => undefined);
  const gateway = await startRoute(t, service, { timeouts: { idle: "100ms" } });
  await assert.rejects(async () => (await fetch(`${gateway.url}/broken`)).text());
  assert.deepEqual(await outcomeOf(gateway), failure(504));
});

test("a stream of a model that breaks counts as a failure too, although it ends with an error for the client", async (t) => {
  const event = 'data: {"choices":[{"index":0,"delta":{"content":"word"}}]}\n\n';
  const bytes = `${head}Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n${event.length.toString(16)}\r\n${event}\r\n`;
  const gateway = await startRoute(t, await startService(t, bytes, (socket) => socket.end()), {
    body: undefined,
    methods: ["POST"],
    ai: "openai-chat",
  });
  const response = await gateway.post("/broken", { model: "m", stream: true, messages: [{ role: "user", content: "Hello" }] });
  assert.match(await response.text(), /"error"/);
  assert.deepEqual(await outcomeOf(gateway), failure(502));
});

test("a client that leaves while the service sends is still one that left", async (t) => {
  const gateway = await startRoute(t, await startService(t, `${head}Content-Length: 50\r\n\r\nhello`, () => undefined));
  const leaving = new AbortController();
  const response = await fetch(`${gateway.url}/broken`, { signal: leaving.signal });
  assert.equal(response.status, 200);
  leaving.abort();
  assert.deepEqual(await outcomeOf(gateway), {
    level: "info",
    message: "request aborted",
    status: 499,
    outcome: "aborted",
    counted: "499",
  });
});
