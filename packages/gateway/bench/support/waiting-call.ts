import assert from "node:assert/strict";

import { eventually } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";

import { configFile } from "../../test/config-support.ts";
import { startTestGateway } from "../../test/start-test-gateway.ts";

const path = "/v1/chat/completions";
const token = 'data: {"choices":[{"index":0,"delta":{"content":"word"}}]}\n\n';
const messages = [{ role: "user", content: "Hello there" }];

/** A gateway whose model serves one call at once, with a call that holds the model, one that waits, and a budget that holds tokens for both. */
export async function startWaitingCall() {
  const stack = new AsyncDisposableStack();
  const steps = () => [token, { waitMs: Infinity }];
  const provider = stack.use(await startFakeProvider({ captures: [{ name: "held", dialect: "openai-chat", request: {}, steps }] }));
  const route = { path, upstream: [provider.url], ai: "openai-chat", concurrency: { max: 1, perKey: 1 } };
  const budgets = { limits: [{ name: "daily", unit: "tokens", limit: 10_000, period: "day" }] };
  const gateway = stack.use(await startTestGateway({ CONFIG_FILE: configFile({ routes: [route], budgets }) }));

  const standing = async (): Promise<Record<"spent" | "held", number>> => {
    const response = await fetch(`${gateway.url}/v1/budget`, { headers: gateway.authorization });
    const { budgets: standings } = (await response.json()) as { budgets: Record<"spent" | "held", number>[] };
    assert.ok(standings[0] !== undefined);
    return standings[0];
  };
  const call = (signal: AbortSignal, model: string): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { ...gateway.authorization, "content-type": "application/json" },
      body: JSON.stringify({ model, stream: true, max_tokens: 100, messages }),
      signal,
    });

  const held = new AbortController();
  stack.defer(() => held.abort());
  await call(held.signal, "held");
  const before = await standing();
  const waiting = new AbortController();
  const refused = call(waiting.signal, "waits").catch((error: unknown) => error);
  await eventually(async () => (await standing()).held > before.held, "the waiting call holds tokens");
  await eventually(async () => /^gateway_admission_waiting\{[^}]*\} 1$/m.test(await gateway.gateway.registry.metrics()), "a call waits");

  return {
    before,
    standing,
    /** The client of the waiting call ends its connection. */
    async leave(): Promise<void> {
      waiting.abort();
      await refused;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
