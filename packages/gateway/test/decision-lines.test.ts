import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { type LogLine, startTestGateway, type TestGateway } from "./start-test-gateway.ts";

/** The lines of a response's request, without that of the access log, in their order. */
function decisionsOf(gateway: TestGateway, response: Response): LogLine[] {
  const id = response.headers.get("x-request-id");
  return gateway.log.filter((line) => line.level === "debug" && line["request_id"] === id);
}

test("at DEBUG each decision about a request has a line, without what the client sent", async () => {
  await using gateway = await startTestGateway({ LOG_LEVEL: "DEBUG" });
  const accepted = await gateway.post("/v1/query", { query: "a question that no log may quote" });
  await accepted.arrayBuffer();
  await eventually(() => decisionsOf(gateway, accepted).some(({ message }) => message === "attempt ended"), "the attempt has ended");
  assert.deepEqual(
    decisionsOf(gateway, accepted).map(({ message }) => message),
    ["authenticated", "rate limit decided", "attempt ended"],
  );
  const [principal, limit, attempt] = decisionsOf(gateway, accepted);
  assert.equal(principal?.["route"], "/v1/query");
  assert.equal(principal["principal"], "key:default");
  assert.deepEqual([limit?.["policy"], limit?.["decision"], limit?.["remaining"]], ["authenticated", "allowed", 999]);
  assert.deepEqual(
    [attempt?.["service"], attempt?.["origin"], attempt?.["outcome"], attempt?.["status"]],
    ["agent_controller", gateway.agentController.url, "success", 200],
  );

  const refused = await gateway.post("/v1/query", { query: "another question, with options", options: { max_tokens: "a lot of tokens" } });
  assert.equal(refused.status, 422);
  await refused.arrayBuffer();
  assert.deepEqual(decisionsOf(gateway, refused).at(-1), {
    level: "debug",
    request_id: refused.headers.get("x-request-id"),
    message: "problem sent",
    route: "/v1/query",
    problem: "invalid-input",
    status: 422,
    errors: ["must be integer"],
  });
});

test("at INFO there are no such lines", async () => {
  await using gateway = await startTestGateway();
  const response = await gateway.post("/v1/query", { query: "hello" });
  await response.arrayBuffer();
  assert.deepEqual(decisionsOf(gateway, response), []);
});

test("LOG_PROBES=false leaves the lines of probes and scrapes out, and no others", async () => {
  await using gateway = await startTestGateway({ LOG_PROBES: "false" });
  for (const path of ["/livez", "/readyz?service=twin", "/healthz", "/metrics", "/livez/more", "/"]) {
    await (await fetch(gateway.url + path)).arrayBuffer();
  }
  const lines = (): unknown[] => gateway.log.filter(({ message }) => message === "request completed").map((line) => line["path"]);
  await eventually(() => lines().includes("/"), "the last line is there");
  assert.deepEqual(lines(), ["/livez/more", "/"]);
});

test("a page of an origin that is not allowed leaves a trace in the access line", async () => {
  await using gateway = await startTestGateway({ CORS_ORIGINS: "https://app.example" });
  const ask = async (origin: string): Promise<unknown> => {
    const response = await fetch(gateway.url, { headers: { origin } });
    await response.arrayBuffer();
    const id = response.headers.get("x-request-id");
    return (await eventually(() => gateway.log.find((line) => line["request_id"] === id), "the line is there"))?.["cors"];
  };
  assert.equal(await ask("https://app.example"), undefined);
  assert.equal(await ask("https://other.example"), "origin not allowed");
  assert.equal(await ask(gateway.url), undefined);
});
