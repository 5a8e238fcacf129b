import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

import { eventually } from "@aivillage/testing";

import { alerts } from "./kit.ts";
import { beBusy, flood, type OperatedGateway } from "./operated-gateway.ts";
import type { RunningPrometheus } from "./running-prometheus.ts";

/** A gateway that is gone, one that probes no more, which takes a hanging process, and budgets and an audit log, which the gateway here has not. */
const notCaused = /^Gateway(?:Down|ProbesStopped|Budget\w+|AuditLogDown)$/;

/** What must fire then. The service that was killed is the twin. */
export const caused = alerts()
  .filter(({ name }) => !notCaused.test(name))
  .map(({ name }) => (name === "GatewayServiceDown" || name === "GatewayBreakerOpen" ? `${name} twin` : name));

/** Kills, slows and floods until it is aborted: what each alert is there for. */
export async function breakEverything(gateway: OperatedGateway, signal: AbortSignal): Promise<void> {
  await flood(gateway, gateway.manyKeys);
  // Two seconds is the aim for queries; 100 ms for health, which only a busy process can miss.
  gateway.agentController.delayMs = 2_500;
  const busy = setInterval(() => beBusy(150), 250);
  signal.addEventListener("abort", () => clearInterval(busy));
  await gateway.twin.goAway();
  await gateway.redis.kill();
  while (!signal.aborted) {
    const guesses = Array.from({ length: 5 }, (_, index) => gateway.send("/v1/query", { method: "POST", key: `guess-${index}` }));
    const chats = Array.from({ length: 5 }, () =>
      gateway.send("/v1/chat", { method: "POST", body: JSON.stringify({ message: "Hello?" }) }),
    );
    await Promise.all([...guesses, ...chats, delay(1_000)]);
  }
}

/** Waits until all of these fire at the same time. */
export async function untilFiring(prometheus: RunningPrometheus, names: readonly string[], withinMs?: number): Promise<void> {
  let missing: readonly string[] = names;
  const allFire = async (): Promise<boolean> => {
    const firing = await prometheus.firing();
    missing = names.filter((name) => !firing.includes(name));
    return missing.length === 0;
  };
  await eventually(allFire, "all of these fire", { state: () => ({ missing }), ...(withinMs !== undefined && { withinMs }) });
}

/** Waits until no alert fires: without its time to hold, one may for a moment on a busy machine. */
export async function untilQuiet(prometheus: RunningPrometheus, withinMs?: number): Promise<void> {
  const isQuiet = async (): Promise<boolean> => assert.deepEqual(await prometheus.firing(), []) === undefined;
  await eventually(isQuiet, "no alert fires without a reason", withinMs === undefined ? {} : { withinMs });
}
