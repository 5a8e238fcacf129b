import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { describe, test } from "node:test";

import { eventually } from "@aivillage/testing";

import { startTestGateway } from "./start-test-gateway.ts";

const question = { query: "What is the capital of France?" };

describe("/v1/query", () => {
  test("goes to the agent controller and says so", async () => {
    await using gateway = await startTestGateway();
    gateway.agentController.script = { body: { answer: "Paris" } };
    const response = await gateway.post("/v1/query", { ...question, session_id: "s-1", options: { max_tokens: 1000, temperature: 0.7 } });
    const { processing_time_ms: time, ...reply } = (await response.json()) as Record<string, unknown>;
    assert.equal(response.status, 200);
    assert.deepEqual(reply, { answer: "Paris", routed_via: "agent_controller" });
    assert.ok(typeof time === "number" && time >= 0 && time < 30_000);

    const [received] = gateway.agentController.received;
    assert.ok(received);
    assert.equal(`${received.method} ${received.url}`, "POST /v1/query");
    assert.deepEqual(JSON.parse(received.body.toString()), {
      ...question,
      session_id: "s-1",
      options: { max_tokens: 1000, temperature: 0.7 },
    });
    assert.equal(gateway.knowledgeSystem.received.length, 0);
  });

  test("the service gets the request id and the trace, and not the key", async () => {
    await using gateway = await startTestGateway();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const response = await gateway.post("/v1/query", question, { "x-request-id": "from-the-client", traceparent });
    await response.text();
    const headers = gateway.agentController.received[0]?.headers ?? {};
    assert.equal(headers["x-request-id"], "from-the-client");
    assert.equal(response.headers.get("x-request-id"), "from-the-client");
    assert.match(String(headers["traceparent"]), /^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
    assert.equal(headers.authorization, undefined);
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
  });

  test("goes to the knowledge system when the controller is gone, fails or hangs", async () => {
    await using gateway = await startTestGateway({ REQUEST_TIMEOUT: "1" });
    gateway.knowledgeSystem.script = { body: { answer: "Paris" } };
    for (const script of [{ status: 500 }, { reset: "before-head" as const }, { hang: true }]) {
      gateway.agentController.script = script;
      const response = (await (await gateway.post("/v1/query", question)).json()) as Record<string, unknown>;
      assert.equal(response["routed_via"], "knowledge_system_direct", JSON.stringify(script));
      assert.equal(response["answer"], "Paris");
    }
    await gateway.agentController.goAway();
    const response = (await (await gateway.post("/v1/query", question)).json()) as Record<string, unknown>;
    assert.equal(response["routed_via"], "knowledge_system_direct");
  });

  test("a 4xx response is final: no other service is tried", async () => {
    await using gateway = await startTestGateway();
    gateway.agentController.script = { status: 404, body: { error: "no such session" } };
    const response = await gateway.post("/v1/query", question);
    assert.equal(response.status, 404);
    assert.equal(((await response.json()) as { error: string }).error, "no such session");
    assert.equal(gateway.knowledgeSystem.received.length, 0);
  });

  test("with both away it is 503 with Retry-After", async () => {
    await using gateway = await startTestGateway();
    await gateway.agentController.goAway();
    await gateway.knowledgeSystem.goAway();
    const response = await gateway.post("/v1/query", question);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    assert.ok(!(await response.text()).includes("127.0.0.1"));
  });

  test("with ENABLE_AGENT_PROXY=false it goes straight to the knowledge system", async () => {
    await using gateway = await startTestGateway({ ENABLE_AGENT_PROXY: "false" });
    const response = (await (await gateway.post("/v1/query", question)).json()) as Record<string, unknown>;
    assert.equal(response["routed_via"], "knowledge_system_direct");
    assert.equal(gateway.agentController.received.length, 0);
  });

  test("replicas share the requests and one that dies is left out", async () => {
    await using spare = await startTestGateway();
    await using gateway = await startTestGateway({ AGENT_CONTROLLER_URL: `${spare.agentController.url},${spare.twin.url}` });
    for (let request = 0; request < 40; request += 1) await (await gateway.post("/v1/query", question)).text();
    assert.ok(spare.agentController.received.length > 0 && spare.twin.received.length > 0);
    await spare.twin.goAway();
    for (let request = 0; request < 20; request += 1) assert.equal((await gateway.post("/v1/query", question)).status, 200);
  });
});

describe("/v1/chat", () => {
  test("goes to the twin", async () => {
    await using gateway = await startTestGateway();
    gateway.twin.script = { body: { reply: "Hello Ada" } };
    const response = await gateway.post("/v1/chat", { message: "Hello, I'm Ada", session_id: "a" });
    assert.deepEqual(await response.json(), { reply: "Hello Ada" });
    assert.equal(gateway.twin.received[0]?.url, "/v1/chat");
  });

  test("passes server-sent events on as they are made", async () => {
    await using gateway = await startTestGateway();
    // The second event is far away, so that the first one can only have come by itself.
    gateway.twin.script = { sse: { events: ["one", "two", "three"], everyMs: 1_000 } };
    const response = await gateway.post("/v1/chat", { message: "count" }, { accept: "text/event-stream" });
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const chunks: string[] = [];
    for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk).toString());
    assert.equal(chunks.join(""), "data: one\n\ndata: two\n\ndata: three\n\n");
    assert.equal(chunks[0], "data: one\n\n");
  });

  test("the twin sees it when the client leaves", async () => {
    await using gateway = await startTestGateway();
    gateway.twin.script = { sse: { events: Array.from({ length: 500 }, String), everyMs: 20 } };
    const client = new AbortController();
    const response = await fetch(`${gateway.url}/v1/chat`, {
      method: "POST",
      headers: { ...gateway.authorization, "content-type": "application/json" },
      body: '{"message":"count"}',
      signal: client.signal,
    });
    await response.body?.getReader().read();
    client.abort();
    await eventually(() => gateway.twin.received[0]?.clientLeftAt !== undefined, "the twin sees the close");
    await eventually(() => gateway.log.some(({ status }) => status === 499), "the request is logged as 499");
  });
});

describe("/v1/upload", () => {
  const upload = (gateway: Awaited<ReturnType<typeof startTestGateway>>, file: File): Promise<Response> => {
    const form = new FormData();
    form.append("file", file);
    return fetch(`${gateway.url}/v1/upload`, { method: "POST", headers: gateway.authorization, body: form });
  };

  test("streams the file to the knowledge system as our own form", async () => {
    await using gateway = await startTestGateway();
    gateway.knowledgeSystem.script = { status: 201, body: { stored: true } };
    const response = await upload(gateway, new File(["# Notes\n\nSome text.\n"], "../notes.md", { type: "text/markdown" }));
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), {
      stored: true,
      gateway_processed_size: 20,
      gateway_sha256: createHash("sha256").update("# Notes\n\nSome text.\n").digest("hex"),
    });
    const [received] = gateway.knowledgeSystem.received;
    assert.equal(received?.url, "/v1/upload");
    const form = await new Response(new Uint8Array(received?.body ?? []), {
      headers: { "content-type": String(received?.headers["content-type"]) },
    }).formData();
    const file = form.get("file") as File;
    assert.deepEqual([file.name, file.type, await file.text()], ["notes.md", "text/markdown", "# Notes\n\nSome text.\n"]);
  });

  test("refuses what is too large and what is not what it says, and forwards nothing", async () => {
    await using gateway = await startTestGateway({ MAX_FILE_SIZE: "1000" });
    const large = await upload(gateway, new File(["a".repeat(5_000_000)], "a.txt", { type: "text/plain" }));
    assert.equal(large.status, 413);
    const program = await upload(
      gateway,
      new File([new Uint8Array([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0])], "a.pdf", { type: "application/pdf" }),
    );
    assert.equal(program.status, 415);
    assert.deepEqual(
      gateway.knowledgeSystem.received.map(({ body }) => body.length),
      [],
    );
  });

  test("with ENABLE_FILE_UPLOAD=false it is not there", async () => {
    await using gateway = await startTestGateway({ ENABLE_FILE_UPLOAD: "false" });
    assert.equal((await upload(gateway, new File(["a"], "a.txt"))).status, 404);
    const information = (await (await fetch(gateway.url)).json()) as { endpoints: object };
    assert.ok(!("upload" in information.endpoints));
  });
});

interface Health {
  readonly status: string;
  readonly timestamp: string;
  readonly services: Readonly<Record<string, object>>;
  readonly gateway: { readonly environment: string };
}

describe("health", () => {
  test("has exactly the members of the documented response", async () => {
    await using gateway = await startTestGateway({ ENVIRONMENT: "staging" });
    const ask = async () => {
      const response = await fetch(`${gateway.url}/healthz`);
      return { httpStatus: response.status, report: (await response.json()) as Health };
    };
    // A machine that is busy may miss the deadline of the probes.
    const { httpStatus, report } = await eventually(async () => {
      const asked = await ask();
      assert.equal(asked.report.status, "healthy");
      return asked;
    }, "all services are healthy");
    assert.equal(httpStatus, 200);
    assert.deepEqual(Object.keys(report), ["status", "timestamp", "services", "gateway"]);
    assert.equal(report.status, "healthy");
    assert.match(report.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(Object.keys(report.services), ["twin", "agent_controller", "knowledge_system"]);
    assert.deepEqual(Object.keys(report.services["twin"] ?? {}), ["status", "status_code", "response_time_ms"]);
    assert.deepEqual(Object.keys(report.gateway), ["uptime_seconds", "environment", "response_time_ms"]);
    assert.equal(report.gateway.environment, "staging");
  });

  test("is degraded when a service is down, unhealthy when all are", async () => {
    await using gateway = await startTestGateway();
    gateway.twin.script = { hang: true };
    const health = async (): Promise<unknown> => {
      const response = await fetch(`${gateway.url}/healthz`);
      return `${response.status} ${((await response.json()) as Health).status}`;
    };
    // A machine that is busy may miss the deadline of the probes.
    await eventually(async () => (await health()) === "200 degraded", "it is degraded");

    await using gone = await startTestGateway();
    for (const service of [gone.twin, gone.agentController, gone.knowledgeSystem]) await service.goAway();
    const unhealthy = await fetch(`${gone.url}/healthz`);
    assert.deepEqual([unhealthy.status, ((await unhealthy.json()) as { status: string }).status], [503, "unhealthy"]);
  });

  test("/livez and /readyz ask nobody", async () => {
    await using gateway = await startTestGateway();
    assert.deepEqual(await (await fetch(`${gateway.url}/livez`)).json(), { status: "alive" });
    assert.deepEqual(await (await fetch(`${gateway.url}/readyz`)).json(), { status: "ready" });
    gateway.gateway.drain();
    assert.equal((await fetch(`${gateway.url}/readyz`)).status, 503);
    assert.equal(gateway.twin.received.length, 0);
  });
});

describe("the gateway", () => {
  test("describes itself", async () => {
    await using gateway = await startTestGateway();
    const information = (await (await fetch(gateway.url)).json()) as Record<string, unknown>;
    assert.equal(information["name"], "AIVillage Gateway");
    assert.deepEqual(information["endpoints"], {
      budget: "/v1/budget",
      health: "/healthz",
      query: "/v1/query",
      chat: "/v1/chat",
      upload: "/v1/upload",
      metrics: "/metrics",
    });
  });

  test("counts requests by route template, whatever paths are tried", async () => {
    await using gateway = await startTestGateway();
    await (await gateway.post("/v1/query", question)).text();
    for (let path = 0; path < 50; path += 1) await (await fetch(`${gateway.url}/random-${path}`)).text();
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.match(text, /^gateway_requests_total\{method="POST",endpoint="\/v1\/query",status="200"\} 1$/m);
    assert.match(text, /^gateway_requests_total\{method="GET",endpoint="unmatched",status="404"\} 50$/m);
    assert.match(text, /^gateway_downstream_requests_total\{service="agent_controller",outcome="success"\} 1$/m);
    assert.match(text, /^gateway_rate_limit_decisions_total\{policy="authenticated",tier="authenticated",decision="allowed"\} 1$/m);
    assert.match(text, /^gateway_principal_requests_total\{principal="key:[^"]+",decision="allowed"\} 1$/m);
  });

  test("with ENABLE_METRICS=false /metrics is not there and no request is counted", async () => {
    await using gateway = await startTestGateway({ ENABLE_METRICS: "false" });
    assert.equal((await fetch(`${gateway.url}/metrics`)).status, 404);
    assert.doesNotMatch(await gateway.gateway.registry.metrics(), /^gateway_requests_total\{/m);
  });

  test("two gateways in one process keep their metrics apart", async () => {
    await using first = await startTestGateway();
    await using second = await startTestGateway();
    await (await first.post("/v1/query", question)).text();
    assert.match(await (await fetch(`${first.url}/metrics`)).text(), /^gateway_downstream_requests_total/m);
    assert.doesNotMatch(await (await fetch(`${second.url}/metrics`)).text(), /^gateway_downstream_requests_total/m);
  });

  test("routes of one's own stand behind the limit and below the same headers", async () => {
    await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "1" });
    gateway.gateway.app.get("/mine/:id", (req, res) => void res.json({ id: req.params.id }));
    const responded = await fetch(`${gateway.url}/mine/7`);
    assert.deepEqual(await responded.json(), { id: "7" });
    assert.equal(responded.headers.get("x-frame-options"), "DENY");
    assert.equal((await fetch(`${gateway.url}/mine/8`)).status, 429);
  });

  test("paths are forwarded verbatim", async () => {
    await using gateway = await startTestGateway();
    for (const path of ["/HEALTHZ", "/healthz/", "//healthz", "/%68ealthz"])
      assert.equal((await fetch(gateway.url + path)).status, 404, path);
    await eventually(async () => (await fetch(`${gateway.url}/healthz?verbose=1`)).status === 200, "the path is found, and healthy");
  });

  test("its handler works below a path of an app, and the mount path is part of the route", async () => {
    await using gateway = await startTestGateway();
    const { default: express } = await import("express");
    const server = createServer(express().use("/ai", gateway.gateway.handler)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const response = await fetch(`http://127.0.0.1:${port}/ai/v1/query`, {
      method: "POST",
      headers: { ...gateway.authorization, "content-type": "application/json" },
      body: JSON.stringify(question),
    });
    assert.equal(response.status, 200);
    await response.text();
    server.close();
    server.closeAllConnections();
    assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /endpoint="\/ai\/v1\/query"/);
  });
});
