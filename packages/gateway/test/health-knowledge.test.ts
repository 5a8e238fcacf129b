import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually } from "@aivillage/testing";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

interface Health {
  status: string;
  services: Record<string, { status: string }>;
}

async function healthOf(gateway: TestGateway): Promise<Health> {
  return (await (await fetch(`${gateway.url}/healthz`)).json()) as Health;
}

/** Sends one chat from each of these addresses. */
async function chatFrom(gateway: TestGateway, addresses: readonly string[]): Promise<number[]> {
  const responses = addresses.map((address) => gateway.post("/v1/chat", { message: "hello" }, { "x-forwarded-for": address }));
  return Promise.all(responses.map(async (response) => (await response).status));
}

const breakerOpened = ({ log }: TestGateway): boolean =>
  log.some(({ message, to }) => message === "circuit breaker changed" && to === "open");

/** Sends chats until the breaker opens: a busy machine may not get through them within the time in which failures count. */
async function untilBreakerOpens(gateway: TestGateway, addresses: readonly string[]): Promise<void> {
  await eventually(async () => (await chatFrom(gateway, addresses)) && breakerOpened(gateway), "the breaker opens");
}

// On request only, a probe has 80 ms, which a busy machine does not keep.
const behindProxy = { TRUSTED_PROXIES: "127.0.0.1", HEALTH_CHECK_INTERVAL: "1", HEALTH_CHECK_TIMEOUT: "30" };

test("a breaker that opens makes the service unhealthy although its probes succeed, and one that closes makes it healthy", async () => {
  await using gateway = await startTestGateway(behindProxy);
  await eventually(async () => (await healthOf(gateway)).services["twin"]?.status === "healthy", "the twin is healthy");
  gateway.twin.script = ({ url }) => (url === "/v1/chat" ? { reset: "before-head" } : {});
  const addresses = Array.from({ length: 12 }, (_none, index) => `192.0.2.${index + 1}`);
  await untilBreakerOpens(gateway, addresses);
  let health: Health | undefined;
  const isOnlyTwinUnhealthy = async (): Promise<boolean> => {
    health = await healthOf(gateway);
    const { status, services } = health;
    return status === "degraded" && services["twin"]?.status === "unhealthy" && services["knowledge_system"]?.status === "healthy";
  };
  await eventually(isOnlyTwinUnhealthy, "only the twin is unhealthy", { state: () => health });

  gateway.twin.script = {};
  await eventually(async () => (await gateway.post("/v1/chat", { message: "hello" })).status === 200, "the twin is tried");
  await eventually(async () => (await chatFrom(gateway, addresses)).every((code) => code === 200), "the breaker closes");
  await eventually(async () => (await healthOf(gateway)).services["twin"]?.status === "healthy", "the twin is healthy again");
});

test("the chats of one client, from all addresses of its IPv6 network, make no service unavailable to another", async () => {
  await using gateway = await startTestGateway(behindProxy);
  gateway.twin.script = ({ body }) => (body.includes("boom") ? { reset: "before-head" } : {});
  const chat = (message: string, address: string) => gateway.post("/v1/chat", { message }, { "x-forwarded-for": address });
  await Promise.all(Array.from({ length: 40 }, async (_none, index) => (await chat("boom", `2001:db8::${index}:1`)).text()));
  assert.equal((await chat("hello", "192.0.2.7")).status, 200);
  assert.ok(!gateway.log.some(({ message }) => message === "circuit breaker changed"));
});

test("a service that is gone opens its breaker for a single client too", async () => {
  await using gateway = await startTestGateway({ TWIN_URL: await deadUrl() });
  await eventually(async () => (await gateway.post("/v1/chat", { message: "hello" })).status === 503, "the breaker opens");
  assert.ok(breakerOpened(gateway));
});

test("statuses of BREAKER_FAILURE_STATUSES count as failures, when several clients get them", async () => {
  await using gateway = await startTestGateway({ ...behindProxy, BREAKER_FAILURE_STATUSES: "500, 502" });
  gateway.twin.script = { status: 500 };
  await chatFrom(
    gateway,
    Array.from({ length: 20 }, () => "192.0.2.1"),
  );
  assert.ok(!gateway.log.some(({ message }) => message === "circuit breaker changed"));
  await untilBreakerOpens(
    gateway,
    Array.from({ length: 12 }, (_none, index) => `192.0.2.${index + 2}`),
  );
});
