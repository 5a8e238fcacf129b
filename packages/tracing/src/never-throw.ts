import type { OpenTelemetry } from "./open-telemetry.ts";

/** Makes of a function one that returns `undefined` where it would throw: a fault of a sampler or exporter must cost no request. */
export function neverThrow<Args extends unknown[], Result>(
  { api }: OpenTelemetry,
  run: (...args: Args) => Result,
): (...args: Args) => Result | undefined {
  return (...args) => {
    try {
      return run(...args);
    } catch (error) {
      api.diag.error("@aivillage/gateway: tracing failed", error);
      return undefined;
    }
  };
}
