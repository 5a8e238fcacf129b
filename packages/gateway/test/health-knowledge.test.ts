import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { startTestGateway } from "./start-test-gateway.ts";

interface Health {
  status: string;
  services: Record<string, { status: string }>;
}

test("a breaker that opens makes the service unhealthy although its probes succeed, and one that closes makes it healthy", async () => {
  await using gateway = await startTestGateway();
  const health = async (): Promise<Health> => (await (await fetch(`${gateway.url}/healthz`)).json()) as Health;
  await eventually(async () => (await health()).services["twin"]?.status === "healthy", "the twin is healthy");
  gateway.twin.script = ({ url }) => (url === "/v1/chat" ? { reset: "before-head" } : {});
  const isOpen = (): boolean => gateway.log.some(({ message, to }) => message === "circuit breaker changed" && to === "open");
  await eventually(async () => {
    await (await gateway.post("/v1/chat", { message: "hello" })).text();
    return isOpen();
  }, "the breaker opens");
  await eventually(async () => {
    const { status, services } = await health();
    const statuses = [status, services["twin"]?.status, services["knowledge_system"]?.status];
    assert.deepEqual(statuses, ["degraded", "unhealthy", "healthy"]);
    return true;
  }, "only the twin is unhealthy");

  gateway.twin.script = {};
  await eventually(async () => (await gateway.post("/v1/chat", { message: "hello" })).status === 200, "the breaker closes");
  await eventually(async () => (await health()).services["twin"]?.status === "healthy", "the twin is healthy again");
});
