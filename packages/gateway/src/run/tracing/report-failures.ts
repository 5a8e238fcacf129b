import { throttleByKind } from "@aivillage/access-log";
import type { SpanExporter } from "@opentelemetry/sdk-trace";

import type { GatewayLogger } from "../../dependencies.ts";

/** Logs when the collector does not take spans: OpenTelemetry reports it to its own diagnostics alone, which are off by default. */
export function reportFailures(exporter: SpanExporter, collector: string, logger: Pick<GatewayLogger, "warn">): SpanExporter {
  const report = throttleByKind(
    (reason: string) => reason,
    (reason, failures) => logger.warn({ collector, reason, failures }, "spans cannot be sent"),
  );
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error !== undefined) report(result.error.message);
        done(result);
      }),
    forceFlush: async () => await exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
