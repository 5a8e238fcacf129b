import assert from "node:assert/strict";
import { test } from "node:test";

import { rawRequest } from "@aivillage/testing";

import { startTestGateway } from "./start-test-gateway.ts";

test("a gateway of the tests that logs what a client sent fails its test", async () => {
  for (const told of ["the-key-of-a-client", "a cookie of a client", "a text of a client", "a query of a client"]) {
    const gateway = await startTestGateway();
    await rawRequest(
      gateway.port,
      "GET /?q=a%20query%20of%20a%20client HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
        "Authorization: Bearer the-key-of-a-client\r\nCookie: a=a cookie of a client; b=1\r\n\r\n",
    );
    await (await gateway.post("/v1/chat", { message: "a text of a client" })).text();
    gateway.gateway.logger.info({ nested: { deep: [told] } }, "something happened");
    await assert.rejects(async () => gateway[Symbol.asyncDispose](), /secrets or texts of clients were told/);
  }
});

test("so does one that puts it into a metric or a problem", async () => {
  const measured = await startTestGateway();
  await (await measured.post("/v1/chat", { message: "a text of a client" })).text();
  measured.gateway.registry.registerMetric({
    name: "told",
    get: () => Promise.resolve({ name: "told", help: "a text of a client", type: "counter", values: [], aggregator: "sum" }),
    reset: () => undefined,
  } as never);
  await assert.rejects(async () => measured[Symbol.asyncDispose](), /secrets or texts of clients were told/);
});
