import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

import { endProcess, endWithProcess, eventually, startDownstream } from "@aivillage/testing";

import { type ReceivedSpan, startOtlpReceiver } from "./otlp-receiver.ts";

const apiKey = "a-key-for-this-test-only";
const callersTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const callersSpan = "00f067aa0ba902b7";

/** Runs the example as its reader would: the SDK is registered by `--import`. */
async function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", "--import", "./tracing.mjs", "server.ts"], {
    cwd: new URL("..", import.meta.url),
    env: { ...process.env, PORT: "0", API_KEY: apiKey, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithProcess(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const urlOf = (): string | undefined => /listens on (http:\S+)/.exec(printed)?.[1];
  const hasBegun = (): boolean => urlOf() !== undefined || child.exitCode !== null;
  await eventually(hasBegun, "the example listens", { state: () => printed }).catch(() => endProcess(child));
  const url = urlOf();
  if (url === undefined) throw new Error(`the example does not listen: ${printed}`);
  return { url, stop: () => stop(child), [Symbol.asyncDispose]: async () => void (await stop(child)) };
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
  return child.exitCode;
}

const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/query?`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}`, ...headers },
    body: JSON.stringify({ query: "What is the capital of France?" }),
  });

void test("a query arrives at the collector as the server's span with one below it for each attempt", async () => {
  await using collector = await startOtlpReceiver();
  await using agentController = await startDownstream({ status: 500 });
  await using knowledgeSystem = await startDownstream({ body: { answer: "Paris" } });
  await using example = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    AGENT_CONTROLLER_URL: agentController.url,
    KNOWLEDGE_SYSTEM_URL: knowledgeSystem.url,
  });
  const response = await post(example.url, { traceparent: `00-${callersTrace}-${callersSpan}-01` });
  assert.equal(((await response.json()) as { answer: string }).answer, "Paris");
  // Long before the next batch would be due: stopping sends what is left.
  assert.equal(await example.stop(), 0);

  const servers = collector.spans.filter(({ kind }) => kind === 2);
  const attempts = collector.spans.filter(({ kind }) => kind === 3);
  const [server] = servers;
  assert.ok(server !== undefined && servers.length === 1);
  assertServerSpan(server);
  assert.deepEqual(
    attempts.map((span) => [span.name, span.traceId, span.parentSpanId, span.status.code ?? 0]),
    [
      ["POST", callersTrace, server.spanId, 2],
      ["POST", callersTrace, server.spanId, 0],
    ],
  );
  assert.deepEqual(
    attempts.map(({ attributes }) => [
      attributes["aivillage.downstream.target"],
      attributes["server.port"],
      attributes["http.response.status_code"],
      attributes["error.type"],
      attributes["http.request.resend_count"],
    ]),
    [
      ["agent_controller", agentController.port, 500, "500", undefined],
      ["knowledge_system", knowledgeSystem.port, 200, undefined, 1],
    ],
  );
  const sent = [agentController, knowledgeSystem].map(
    ({ received }) => received.find(({ method }) => method === "POST")?.headers["traceparent"],
  );
  assert.deepEqual(
    sent,
    attempts.map(({ spanId }) => `00-${callersTrace}-${spanId}-01`),
  );
});

function assertServerSpan({ name, traceId, parentSpanId, attributes, service, scope, status }: ReceivedSpan): void {
  assert.deepEqual(
    { name, traceId, parentSpanId, service, scope, error: status.code === 2 },
    {
      name: "POST /v1/query",
      traceId: callersTrace,
      parentSpanId: callersSpan,
      service: "aivillage-gateway",
      scope: "@aivillage/gateway",
      error: false,
    },
  );
  assert.equal(attributes["http.request.method"], "POST");
  assert.equal(attributes["http.route"], "/v1/query");
  assert.equal(attributes["url.path"], "/v1/query");
  assert.equal(attributes["http.response.status_code"], 200);
}

void test("without a collector the gateway serves all the same, and ends in order", async () => {
  await using agentController = await startDownstream({ body: { answer: "Paris" } });
  await using example = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    OTEL_SERVICE_NAME: "another name",
    AGENT_CONTROLLER_URL: agentController.url,
  });
  assert.equal((await post(example.url)).status, 200);
  assert.equal(await example.stop(), 0);
});
