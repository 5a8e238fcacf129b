import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";

import { childEnv, endWithProcess, eventually, gatewayProgram, listen, startDownstream, whenClosed } from "@aivillage/testing";

import { startOtlpReceiver } from "./otlp-receiver.ts";

/** Runs `aivillage-gateway start` as an operator does, with nothing but environment variables. */
async function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", gatewayProgram(), "start"], {
    env: childEnv({ GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", HEALTH_CHECK_INTERVAL: "0", ...env }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithProcess(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const lines = () => printed.split("\n").filter((line) => line.includes('"gateway listens"'));
  await eventually(() => lines().length > 0 || child.exitCode !== null, "the gateway listens", { state: () => printed });
  const [line = "{}"] = lines();
  const { url = "", tracing } = JSON.parse(line) as { url?: string; tracing?: string };
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await whenClosed(child);
  };
  return { url, tracing, printed: () => printed, [Symbol.asyncDispose]: stop };
}

void test("OTEL_EXPORTER_OTLP_ENDPOINT alone switches tracing on, and the start line says where the spans go", async () => {
  const types: unknown[] = [];
  await using collector = await listen((req, res) => {
    types.push([req.url, req.headers["content-type"], req.headers["api-key"]]);
    req.resume().on("end", () => res.end());
  });
  const withUser = collector.url.replace("http://", "http://user:secret@");
  {
    await using gateway = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: withUser, OTEL_EXPORTER_OTLP_HEADERS: "api-key=a-key" });
    assert.equal(gateway.tracing, collector.url);
    assert.doesNotMatch(gateway.printed(), /secret|a-key/);
    assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
  }
  assert.deepEqual(types, [["/v1/traces", "application/x-protobuf", "a-key"]]);
});

void test("the standard variables name the service, choose the protocol and the sampler, and hold for each worker", async () => {
  await using collector = await startOtlpReceiver();
  await using twin = await startDownstream();
  {
    await using gateway = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_SERVICE_NAME: "edge",
      OTEL_TRACES_SAMPLER: "parentbased_always_off",
      TWIN_URL: twin.url,
      WORKERS: "2",
    });
    assert.equal(gateway.tracing, collector.url);
    const sampled = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
    assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
    assert.equal((await fetch(`${gateway.url}/livez`, { headers: sampled })).status, 200);
  }
  assert.deepEqual(
    collector.spans.map(({ name, traceId, service }) => [name, traceId, service]),
    [["GET /livez", "4bf92f3577b34da6a3ce929d0e0e4736", "edge"]],
  );
});

const withoutSpans: Readonly<Record<string, Record<string, string>>> = {
  OTEL_SDK_DISABLED: { OTEL_SDK_DISABLED: "true" },
  OTEL_TRACES_EXPORTER: { OTEL_TRACES_EXPORTER: "none" },
};

for (const [name, variables] of Object.entries(withoutSpans)) {
  void test(`${name} switches it off`, async () => {
    await using gateway = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", ...variables });
    assert.equal(gateway.tracing, undefined);
  });
}

void test("a protocol that is not supported is reported in the start line, and the gateway serves", async () => {
  await using gateway = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
  assert.match(gateway.tracing ?? "", /^off: the protocol grpc is not supported/);
  assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
});
