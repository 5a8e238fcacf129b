import { createRequire } from "node:module";

import type * as api from "@opentelemetry/api";

// A bundler that writes CommonJS leaves no URL.
const require = createRequire(import.meta.url ?? __filename);

/** The API, and the tracer of the provider that is registered with it. */
export interface OpenTelemetry {
  readonly api: typeof api;
  readonly tracer: api.Tracer;
}

/** Takes an error that must not reach the request. */
export type Report = (error: unknown) => void;

/** What the API hands out: a proxy of the registered provider. */
interface ProxyProvider extends api.TracerProvider {
  getDelegateTracer?(name: string, version?: string): api.Tracer | undefined;
  getDelegate?(): FlushableProvider;
}

interface FlushableProvider {
  forceFlush?(): Promise<void>;
}

/** Every copy of version 1 of the API keeps what is registered here, together with the version that registered it. */
const registered = Symbol.for("opentelemetry.js.api.1");
type Globals = typeof globalThis & { [registered]?: { readonly version: string; readonly trace?: object } };

/**
 * OpenTelemetry, if a tracer provider is registered now.
 *
 * The API is loaded only if something is registered. It is loaded by `require()`, so that the copy that CommonJS modules have loaded is used
 * again; that saves 15 ms.
 */
export function findOpenTelemetry(scope = ownScope()): OpenTelemetry | undefined {
  if (!Object.hasOwn(globalThis, registered)) return undefined;
  const loaded = require("@opentelemetry/api") as typeof api;
  const provider: ProxyProvider = loaded.trace.getTracerProvider();
  const { name, version } = scope;
  const tracer = provider.getDelegateTracer === undefined ? provider.getTracer(name, version) : provider.getDelegateTracer(name, version);
  return tracer === undefined ? undefined : { api: loaded, tracer };
}

/** In a bundle the manifest is missing, or that of another package. */
function ownScope(): { name: string; version?: string } {
  const name = "@aivillage/tracing";
  try {
    const manifest = require("../package.json") as { name: string; version: string };
    return manifest.name === name ? manifest : { name };
  } catch {
    return { name };
  }
}

/** The version of the API with which a provider is registered that ours, being newer, cannot see; `undefined` if there is none. */
export function unusableProvider(): string | undefined {
  const { [registered]: globals }: Globals = globalThis;
  return globals?.trace !== undefined && findOpenTelemetry() === undefined ? globals.version : undefined;
}

/** Reports to `onError`, or to the API's own diagnostics. It never throws. */
export function reportTo({ api: { diag } }: OpenTelemetry, onError: Report | undefined): Report {
  const report = onError ?? ((error) => diag.error("@aivillage/tracing: tracing failed", error));
  return (error) => {
    try {
      report(error);
    } catch {
      // There is nobody left to report to.
    }
  };
}

/** Wraps a function so that it reports what it throws and returns `undefined`: a failing sampler or exporter must cost no request. */
export function neverThrow<Args extends unknown[], Result>(
  report: Report,
  run: (...args: Args) => Result,
): (...args: Args) => Result | undefined {
  return (...args) => {
    try {
      return run(...args);
    } catch (error) {
      report(error);
      return undefined;
    }
  };
}

/** A collector that does not respond must not hold up the end of the process. */
const flushDeadlineMs = 2_000;

/** Has the SDK send the spans that it still holds, within two seconds; spans that cannot be sent by then are lost. */
export async function flushSpans(otel: OpenTelemetry, report: Report): Promise<void> {
  const proxy: ProxyProvider & FlushableProvider = otel.api.trace.getTracerProvider();
  const provider = proxy.getDelegate?.() ?? proxy;
  if (provider.forceFlush === undefined) return;
  const { promise: deadline, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, flushDeadlineMs);
  await Promise.race([provider.forceFlush().catch(report), deadline]);
  clearTimeout(timer);
}
