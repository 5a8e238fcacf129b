import assert from "node:assert/strict";
import { test } from "node:test";

import { rawRequest } from "@aivillage/testing";

import { type LogLine, startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const disconnected = ({ log }: TestGateway): LogLine[] => log.filter(({ message }) => message === "client disconnected");

/** What front ends send that are set to another protocol, as they begin. */
const beginnings = {
  tls: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  http2: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  "proxy-protocol": "PROXY TCP4 192.0.2.1 127.0.0.1 56324 8000\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
};
const version2 = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\xdc\x04\x1f\x40GET / HTTP/1.1\r\nHost: a\r\n\r\n";

for (const [protocol, bytes] of [...Object.entries(beginnings), ["proxy-protocol", version2]]) {
  test(`a peer that speaks ${protocol} (${JSON.stringify(bytes?.slice(0, 5))}) is logged with that, and counted`, async () => {
    await using gateway = await startTestGateway();
    await rawRequest(gateway.port, Buffer.from(bytes ?? "", "latin1"));
    const [line = assert.fail()] = disconnected(gateway);
    const { level, reason, peer, clients } = line;
    assert.deepEqual(
      { level, reason, peer, clients, protocol: line["protocol"] },
      { level: "warn", reason: "malformed", peer: "127.0.0.1", clients: 1, protocol },
    );
    assert.match(String(line["remedy"]), /HTTP\/1\.1 without TLS and PROXY protocol/);
    assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /^gateway_clients_dropped_total\{reason="malformed"\} 1$/m);
  });
}

test("other bytes that are no HTTP are logged without a protocol, once in a while", async () => {
  await using gateway = await startTestGateway();
  for (let turn = 0; turn < 3; turn += 1) await rawRequest(gateway.port, "HELO mail.example\r\n\r\n");
  const lines = disconnected(gateway);
  assert.equal(lines.length, 1);
  assert.ok(!("protocol" in (lines[0] ?? {})));
  assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /^gateway_clients_dropped_total\{reason="malformed"\} 3$/m);
});
