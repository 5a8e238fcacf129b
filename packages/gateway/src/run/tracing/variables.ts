import type { Variables } from "../../config/loader/environment.ts";

/** Where spans go and how, by the environment variables that OpenTelemetry specifies. */
export interface TracingTarget {
  /** Without user, password and path, so that it can be logged. */
  readonly origin: string;
  readonly protocol: string;
}

const defaultEndpoint = "http://localhost:4318";

/** The target of the spans; `undefined` when the variables do not ask for any. */
export function tracingTarget(env: Variables): TracingTarget | undefined {
  const endpoint = firstOf(env, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
  const exporters = firstOf(env, "OTEL_TRACES_EXPORTER")?.split(",");
  const isRequested = exporters === undefined ? endpoint !== undefined : exporters.some((name) => name.trim() === "otlp");
  if (!isRequested || env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined;
  const protocol = firstOf(env, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf";
  return { origin: originOf(endpoint ?? defaultEndpoint), protocol };
}

/** An empty variable counts as unset. */
function firstOf(env: Variables, ...names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== "");
}

function originOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).origin : "an endpoint that is not a URL";
}

/** A non-negative number from the environment; `undefined` leaves the default of the SDK. */
export function numberOf(env: Variables, name: string): number | undefined {
  const value = Number(env[name] || Number.NaN);
  return value >= 0 ? value : undefined;
}
