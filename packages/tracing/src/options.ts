import type { IncomingMessage } from "node:http";

import { type Event, isPlainObject, isSyncFunction, option, readOptions, returns } from "@aivillage/middleware";
import type { Attributes } from "@opentelemetry/api";

import type { SpanEventSource } from "./span-event.ts";

/** The end of an attempt, as the event `downstreamAttempted` reports it. */
export interface AttemptEnded {
  req: IncomingMessage;
  /** Name of the target. */
  target: string;
  /** `success`, `client_error` or `server_error`; anything else says why there is no complete response. */
  outcome: string;
  /** Status of the target's response; `undefined` if there was none. */
  status: number | undefined;
  /** Version of HTTP in which the target has responded, such as `1.1`. Default: unknown, and the span does not say it. */
  protocolVersion?: string | undefined;
}

/** The instrumentation scope that spans carry. */
export interface TracingScope {
  /** Such as the name of your service or package. */
  readonly name: string;
  /** Its version. Default: none. */
  readonly version?: string;
}

type Resolver = (req: IncomingMessage) => string | undefined;

/** Options of `tracing()`. */
export interface TracingOptions {
  /** Returns the route template that matched, such as `/users/:id`; called when the response has ended. Default: none. */
  route?: Resolver;
  /** Returns the client's address, for `client.address`; called when the request arrives. Default: the address of the peer. */
  clientIp?: Resolver;
  /**
   * Whether `X-Forwarded-Proto` and `X-Forwarded-Host` of a request are to be believed, for `url.scheme`, `server.address` and
   * `server.port`. Default: never.
   */
  isFromTrustedProxy?: (req: IncomingMessage) => boolean;
  /**
   * Whose trace is continued: everyone's (`true`), no one's (`false`), or that of requests for which the function returns `true`. Not
   * used for requests whose span `requestId()` starts. Default `true`.
   */
  trustIncoming?: boolean | ((req: IncomingMessage) => boolean);
  /** Returns further attributes of the request's span; called when the request arrives, so that samplers see them. Default: none. */
  attributes?: (req: IncomingMessage) => Attributes;
  /** The event that ends the spans of `attemptTracing()`: `downstreamAttempted`. Default: none, and attempts have no spans. */
  attempts?: Event<AttemptEnded>;
  /** Events that become events of the request's span; make each with `spanEvent()`. Default: none. */
  events?: readonly SpanEventSource[];
  /** The instrumentation scope. Default: this package and its version. */
  scope?: TracingScope;
  /** Called with what a sampler, a processor, an exporter or an option has thrown. Default: `diag.error()` of the OpenTelemetry API. */
  onError?: (error: unknown) => void;
  /**
   * Called by the factory when a tracer provider is registered with an older version of `@opentelemetry/api` than this package loads, so
   * that no span can be made. Default: a process warning.
   */
  onUnusableProvider?: (apiVersion: string) => void;
}

const packageName = "@aivillage/tracing";
const scopeRules = {
  name: option.string(packageName),
  version: option.custom<string | undefined>("a string", undefined, (value) => typeof value === "string"),
};

export function readTracingOptions(given: TracingOptions | undefined) {
  const options = readOptions(packageName, given, {
    route: option.function<Resolver>(undefined, returns.optionalString),
    clientIp: option.function<Resolver>(({ socket }) => socket.remoteAddress),
    isFromTrustedProxy: option.function<(req: IncomingMessage) => boolean>(() => false, returns.boolean),
    trustIncoming: option.custom<boolean | ((req: IncomingMessage) => boolean)>(
      "true, false or a function",
      true,
      (value) => typeof value === "boolean" || isSyncFunction(value),
      returns.boolean,
    ),
    attributes: option.function<(req: IncomingMessage) => Attributes>(undefined),
    attempts: option.custom<Event<AttemptEnded> | undefined>("an event", undefined, has("subscribe")),
    events: option.custom<readonly SpanEventSource[]>(
      "a list of what spanEvent() returns",
      [],
      (value) => Array.isArray(value) && value.every(has("attach")),
    ),
    scope: option.custom<TracingScope | undefined>("an object", undefined, isPlainObject),
    onError: option.notified<(error: unknown) => void>(undefined),
    onUnusableProvider: option.notified<(apiVersion: string) => void>(warnOfUnusableProvider),
  });
  const { scope, trustIncoming } = options;
  if (scope !== undefined) readOptions<TracingScope, typeof scopeRules>(packageName, scope, scopeRules, "scope");
  return { ...options, trusts: typeof trustIncoming === "function" ? trustIncoming : () => trustIncoming };
}

export type TracingSettings = ReturnType<typeof readTracingOptions>;

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function has(method: string): (value: unknown) => boolean {
  return (value) => isFunction((Object(value) as Record<string, unknown>)[method]);
}

function warnOfUnusableProvider(apiVersion: string): void {
  process.emitWarning(
    `A tracer provider is registered with @opentelemetry/api ${apiVersion}, which is older than the one of ${packageName}: no spans are made. Install one version for all packages.`,
    { code: "AIVILLAGE_TRACING_API_VERSION" },
  );
}
