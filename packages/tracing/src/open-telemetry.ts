import { createRequire } from "node:module";

import type * as api from "@opentelemetry/api";

import { version } from "../../gateway/src/version.ts";

const require = createRequire(import.meta.url);

/** The API, and the tracer of the provider that is registered with it. */
export interface OpenTelemetry {
  readonly api: typeof api;
  readonly tracer: api.Tracer;
}

/** What the API hands out, with the registered provider behind it. */
interface ProviderInFront extends api.TracerProvider {
  getDelegateTracer?(name: string, version?: string): api.Tracer | undefined;
}

const scope = "@aivillage/gateway";

/** Where every copy of version 1 of the API keeps what is registered, together with the version that has registered it. */
const registered = Symbol.for("opentelemetry.js.api.1");
type Globals = typeof globalThis & { [registered]?: { readonly version: string; readonly trace?: object } };

/**
 * OpenTelemetry, if a tracer provider is registered now. The API is loaded only where something is registered, and by `require()`: the
 * copy that other CommonJS modules have loaded is used again, which saves 15 ms.
 */
export function findOpenTelemetry(): OpenTelemetry | undefined {
  if (!Object.hasOwn(globalThis, registered)) return undefined;
  const loaded = require("@opentelemetry/api") as typeof api;
  const provider: ProviderInFront = loaded.trace.getTracerProvider();
  const tracer = provider.getDelegateTracer === undefined ? provider.getTracer(scope, version) : provider.getDelegateTracer(scope, version);
  return tracer === undefined ? undefined : { api: loaded, tracer };
}

/** The version of the API that a provider is registered with which is out of sight, because ours is newer; `undefined` when there is none. */
export function unseenProvider(): string | undefined {
  const { [registered]: globals }: Globals = globalThis;
  return globals?.trace !== undefined && findOpenTelemetry() === undefined ? globals.version : undefined;
}
