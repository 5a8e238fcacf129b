import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "@aivillage/testing";

import { loadConfig } from "../src/index.ts";
import { breakerStates } from "../src/state/telemetry/breaker-states.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const openBreakers = async ({ gateway }: TestGateway): Promise<string[]> =>
  (await gateway.registry.metrics()).match(/(?<=gateway_downstream_breaker_open\{service=").*/g)?.toSorted() ?? [];

describe("the metric of open breakers", () => {
  test("shows each service from the start, an open breaker while it is open, and none after a reload", async () => {
    const env = { RATE_LIMIT_REQUESTS: "100000" };
    await using gateway = await startTestGateway(env);
    assert.deepEqual(await openBreakers(gateway), ['agent_controller"} 0', 'knowledge_system"} 0', 'twin"} 0']);
    await gateway.twin[Symbol.asyncDispose]();
    await eventually(async () => {
      await (await gateway.post("/v1/chat", { message: "hello" })).text();
      return (await openBreakers(gateway)).includes('twin"} 1');
    }, "the breaker opens");
    gateway.gateway.reload(
      loadConfig({
        env: {
          GATEWAY_HOST: "127.0.0.1",
          API_KEY: gateway.authorization.authorization.slice("Bearer ".length),
          TWIN_URL: gateway.twin.url,
          ...env,
        },
      }),
    );
    assert.deepEqual(await openBreakers(gateway), ['agent_controller"} 0', 'knowledge_system"} 0', 'twin"} 0']);
  });

  test("shows the highest state of the proxies to a service", () => {
    const proxyTo = (breaker: "closed" | "half-open" | "open") => ({
      state: () => [{ target: "knowledge_system", breaker, replicas: [] }],
    });
    assert.deepEqual([...breakerStates([proxyTo("open"), proxyTo("closed")])], [["knowledge_system", 1]]);
    assert.deepEqual([...breakerStates([proxyTo("closed"), proxyTo("half-open")])], [["knowledge_system", 0.5]]);
  });
});
