import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { rawRequest } from "@aivillage/testing";

import { startTestGateway } from "./start-test-gateway.ts";

describe("/openapi.json and /docs", () => {
  test("are sent once to a client that asks again with their ETag", async () => {
    await using gateway = await startTestGateway();
    for (const path of ["/openapi.json", "/docs", "/docs/swagger-ui-bundle.js"]) {
      const first = await fetch(gateway.url + path);
      const body = await first.text();
      const etag = first.headers.get("etag") ?? "";
      assert.ok(first.status === 200 && body.length > 100 && etag !== "", path);
      assert.equal(first.headers.get("content-encoding"), "gzip", path);
      assert.match(first.headers.get("vary") ?? "", /Accept-Encoding/i);
      const again = await rawRequest(
        gateway.port,
        `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nIf-None-Match: W/${etag}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(again, /^HTTP\/1\.1 304 [^]*\r\n\r\n$/);
      const plain = await fetch(gateway.url + path, { headers: { "accept-encoding": "identity" } });
      assert.equal(plain.headers.get("content-encoding"), null);
      assert.notEqual(plain.headers.get("etag"), etag);
      assert.equal(await plain.text(), body, "the same content");
    }
  });

  test("are behind the limiter", async () => {
    for (const path of ["/openapi.json", "/docs", "/docs/start.js"]) {
      await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "1" });
      const statuses: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const response = await fetch(gateway.url + path);
        statuses.push(response.status);
        await response.text();
      }
      assert.deepEqual(statuses, [200, 429, 429], path);
    }
  });

  test("HEAD says what GET would send", async () => {
    await using gateway = await startTestGateway();
    const response = await fetch(`${gateway.url}/openapi.json`, { method: "HEAD" });
    assert.ok(response.status === 200 && Number(response.headers.get("content-length")) > 100);
  });
});
