import assert from "node:assert/strict";
import { test } from "node:test";

import { loadConfig } from "../src/index.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const headers = { "x-request-id": "from-the-client", traceparent: `00-${callersTrace}-00f067aa0ba902b7-01` };

const cases = [
  ["are kept by default", {}, true],
  ["are kept from everyone", { TRUST_REQUEST_IDS: "Everyone" }, true],
  ["are kept from a trusted proxy", { TRUST_REQUEST_IDS: "proxies", TRUSTED_PROXIES: "loopback" }, true],
  ["are replaced when the peer is no trusted proxy", { TRUST_REQUEST_IDS: "proxies", TRUSTED_PROXIES: "192.0.2.1" }, false],
  ["are replaced when nobody is trusted", { TRUST_REQUEST_IDS: "nobody", TRUSTED_PROXIES: "loopback" }, false],
] as const;

for (const [name, env, isKept] of cases) {
  test(`the request id and the trace of a caller ${name}`, async () => {
    await using gateway = await startTestGateway(env);
    const response = await gateway.post("/v1/query", { query: "hello" }, headers);
    await response.arrayBuffer();
    const sent = gateway.agentController.received.at(-1)?.headers ?? {};
    assert.equal(response.headers.get("x-request-id") === headers["x-request-id"], isKept);
    assert.equal(sent["x-request-id"], response.headers.get("x-request-id"));
    assert.equal(String(sent["traceparent"]).includes(callersTrace), isKept);
  });
}

test("a word that names no callers is refused", () => {
  assert.throws(
    () => loadConfig({ env: { TRUST_REQUEST_IDS: "all" } }),
    /TRUST_REQUEST_IDS must be one of everyone, proxies, nobody, got "all"/,
  );
});
