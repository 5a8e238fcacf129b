import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";

import { rawRequest, eventually } from "@aivillage/testing";

import { apiKey } from "../bench/support/gateway-process.ts";
import { sendMalformed } from "../bench/support/send-malformed.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const env = { API_KEY: apiKey, RATE_LIMIT_REQUESTS: "1000000" };
const authorization = `Authorization: Bearer ${apiKey}`;
const statusOf = (text: string): string => text.slice(9, 12);

describe("malformed requests", () => {
  test("500 generated ones get a status below 500 or a closed connection, and the gateway goes on", async () => {
    await using gateway = await startTestGateway(env);
    const { statuses, problems } = await sendMalformed(gateway.port, apiKey, { count: 500 });
    assert.deepEqual(problems, []);
    assert.ok((statuses.get(400) ?? 0) > 100, "most of them are refused");
    assert.ok((statuses.get(200) ?? 0) > 5, "some problems are none");
    assert.deepEqual(
      gateway.log.filter(({ message }) => message === "unexpected error"),
      [],
    );
    assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
  });
});

describe("a request for another protocol", () => {
  const upgrade =
    "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: aaaaaaaaaaaaaaaaaaaaaa==\r\n";

  test("gets an HTTP response at once: 405 where WebSockets would be, 200 where the offer can be ignored", async () => {
    await using gateway = await startTestGateway(env);
    assert.equal(statusOf(await rawRequest(gateway.port, `GET /v1/chat HTTP/1.1\r\n${upgrade}\r\n`)), "405");
    assert.equal(statusOf(await rawRequest(gateway.port, `GET / HTTP/1.1\r\n${upgrade}\r\n`)), "200");
    const h2c = "Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
    assert.equal(statusOf(await rawRequest(gateway.port, `GET /livez HTTP/1.1\r\n${h2c}\r\n`)), "200");
    assert.equal(gateway.twin.received.length, 0);
  });
});

describe("Expect: 100-continue", () => {
  const form = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n';
  const json = '{"message":"hello"}';
  const expecting = (path: string, type: string, length: number, key = authorization): string =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\n${key}\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`;

  test("a refused request costs no body: no 100 comes before the 401, 404, 413 or 415", async () => {
    await using gateway = await startTestGateway(env);
    const first = async (head: string): Promise<string> => statusOf(await rawRequest(gateway.port, head));
    assert.equal(await first(expecting("/v1/query", "application/json", 40, "X: y")), "401");
    assert.equal(await first(expecting("/v1/upload", "multipart/form-data; boundary=b", 99_000_000_000)), "413");
    assert.equal(await first(expecting("/v1/upload", "text/plain", 40)), "415");
    assert.equal(await first(expecting("/none", "text/plain", 40)), "404");
  });

  for (const [path, type, body] of [
    ["/v1/chat", "application/json", json],
    ["/v1/query", "application/json", '{"query":"hello"}'],
    ["/v1/upload", "multipart/form-data; boundary=b", form],
  ] as const) {
    test(`${path} asks for the body once, then responds`, async () => {
      await using gateway = await startTestGateway(env);
      let received = "";
      const socket = connect(gateway.port, "127.0.0.1", () => socket.write(expecting(path, type, body.length)));
      socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
      await eventually(() => received === "HTTP/1.1 100 Continue\r\n\r\n", "the gateway asks");
      socket.write(body);
      await eventually(() => received.includes("HTTP/1.1 200 OK"), "the answer");
      assert.equal(received.split("100 Continue").length, 2);
      socket.destroy();
    });
  }
});
