import assert from "node:assert/strict";
import { test } from "node:test";

import { waitUntil } from "@aivillage/testing";

import { startTestGateway } from "./start-test-gateway.ts";

interface Health {
  status: string;
  services: Record<string, { status: string }>;
}

test("a breaker that opens makes the service unhealthy although its probes succeed, and one that closes makes it healthy", async () => {
  await using gateway = await startTestGateway();
  const health = async (): Promise<Health> => (await (await fetch(`${gateway.url}/healthz`)).json()) as Health;
  await waitUntil(async () => (await health()).services["twin"]?.status === "healthy", "the twin is healthy", 10_000);
  gateway.twin.script = ({ url }) => (url === "/v1/chat" ? { reset: "before-head" } : {});
  for (let request = 0; request < 6; request += 1) await (await gateway.post("/v1/chat", { message: "hello" })).text();
  assert.ok(gateway.log.some(({ message, to }) => message === "circuit breaker changed" && to === "open"));
  await waitUntil(async () => (await health()).services["knowledge_system"]?.status === "healthy", "the others are healthy", 10_000);
  const { status, services } = await health();
  assert.deepEqual([status, services["twin"]?.status], ["degraded", "unhealthy"]);

  gateway.twin.script = {};
  await waitUntil(async () => (await gateway.post("/v1/chat", { message: "hello" })).status === 200, "the breaker closes", 10_000);
  await waitUntil(async () => (await health()).services["twin"]?.status === "healthy", "the twin is healthy again", 10_000);
});
