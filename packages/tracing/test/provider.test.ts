import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";

import { compose, event, type Handler, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import { diag, DiagConsoleLogger, ProxyTracerProvider, trace } from "@opentelemetry/api";
import { BatchSpanProcessor, InMemorySpanExporter, NodeTracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace-node";
import { expectTypeOf } from "expect-type";

import { type AttemptEnded, attemptTracing, tracing, type Tracing, type TracingOptions } from "../src/index.ts";

const attempts = event<AttemptEnded>("aivillage:tracing-test:attempted");
const onUnusableProvider = (): never => assert.fail("a warning");

/** Registers the SDK as operators run it: spans wait for a batch. */
function registerBatching(exporter: SpanExporter): void {
  const never = { scheduledDelayMillis: 600_000, exportTimeoutMillis: 3_000 };
  trace.setGlobalTracerProvider(new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter, never)] }));
}

/** Traces one request whose span waits for its batch. */
async function traceOne(options?: TracingOptions): Promise<Tracing> {
  const traced = tracing(options);
  await using app = await listen(toListener(compose(traced, (_req, res) => void res.end("ok"))));
  await (await fetch(app.url)).text();
  return traced;
}

afterEach(() => {
  trace.disable();
  diag.disable();
});

void describe("without a tracer provider", () => {
  const assertIdle = (traced: Tracing): void => {
    const { isActive, requestIdOptions } = traced;
    assert.deepEqual([isActive, requestIdOptions, attemptTracing(), attempts.hasSubscribers], [false, {}, {}, false]);
  };

  test("tracing only calls next()", async () => {
    assertIdle(await traceOne({ attempts, onUnusableProvider }));
  });

  test("with something else registered it is the same", () => {
    diag.setLogger(new DiagConsoleLogger());
    assert.ok(Object.hasOwn(globalThis, Symbol.for("opentelemetry.js.api.1")));
    assertIdle(tracing({ attempts, onUnusableProvider }));
  });

  test("a provider that has been removed again does not count", async () => {
    registerBatching(new InMemorySpanExporter());
    const active = tracing({ attempts });
    assert.deepEqual([active.isActive, attempts.hasSubscribers], [true, true]);
    await active.close();
    assert.equal(attempts.hasSubscribers, false);
    trace.disable();
    assertIdle(tracing({ attempts, onUnusableProvider }));
  });

  test("a provider of an older API is reported, because the API is silent about it", async () => {
    const key = Symbol.for("opentelemetry.js.api.1");
    const registered: unknown = Reflect.get(globalThis, key);
    Object.assign(globalThis, { [key]: { version: "1.0.0", trace: new ProxyTracerProvider() } });
    const versions: string[] = [];
    assertIdle(tracing({ attempts, onUnusableProvider: (apiVersion) => void versions.push(apiVersion) }));
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    tracing();
    Object.assign(globalThis, { [key]: registered });
    assert.deepEqual(versions, ["1.0.0"]);
    assert.match((await warned).message, /@opentelemetry\/api 1\.0\.0/);
  });
});

void describe("close()", () => {
  test("sends the spans that wait for a batch", async () => {
    const exporter = new InMemorySpanExporter();
    registerBatching(exporter);
    const traced = await traceOne();
    assert.equal(exporter.getFinishedSpans().length, 0);
    await traced.close();
    assert.equal(exporter.getFinishedSpans().length, 1);
  });

  test("does not wait for a collector that never responds", async () => {
    registerBatching({ export: () => undefined, shutdown: () => Promise.resolve() });
    await (await traceOne()).close();
  });

  test("reports an exporter that fails", async () => {
    const errors: unknown[] = [];
    const provider = new NodeTracerProvider();
    provider.forceFlush = () => Promise.reject(new Error("no collector"));
    trace.setGlobalTracerProvider(provider);
    await (await traceOne({ onError: (error) => void errors.push(error) })).close();
    assert.deepEqual(
      errors.map((error) => (error as Error).message),
      ["no collector"],
    );
  });
});

void test("a bad option is an error that names it", () => {
  for (const [options, named] of [
    [{ route: "/" }, "route"],
    [{ clientIp: 1 }, "clientIp"],
    [{ isFromTrustedProxy: true }, "isFromTrustedProxy"],
    [{ trustIncoming: "yes" }, "trustIncoming"],
    [{ attributes: {} }, "attributes"],
    [{ attempts: "attempted" }, "attempts"],
    [{ events: [{}] }, "events"],
    [{ scope: { name: "" } }, "scope.name"],
    [{ scope: { name: "shop", version: 2 } }, "scope.version"],
    [{ onError: null }, "onError"],
    [{ onUnusableProvider: null }, "onUnusableProvider"],
    [{ routes: () => "/" }, "routes"],
  ] as const) {
    assert.throws(() => tracing(options as unknown as TracingOptions), new RegExp(`@aivillage/tracing: .*\`${named}\``));
  }
});

void test("the types are what a caller sees", () => {
  expectTypeOf(tracing).parameters.toEqualTypeOf<[options?: TracingOptions | undefined]>();
  expectTypeOf<Tracing>().toExtend<Handler>();
  expectTypeOf<{ route: string }>().not.toExtend<TracingOptions>();
});
