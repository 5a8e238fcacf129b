import { defined } from "@aivillage/middleware";

import type { Variables } from "../../config/loader/environment.ts";
import type { GatewayLogger } from "../../dependencies.ts";
import { numberOf, tracingTarget } from "./variables.ts";

let described: string | undefined;

/** Where this process sends spans, or why it sends none although the variables ask for it; `undefined` without a request. */
export const describeTracing = (): string | undefined => described;

/**
 * Registers the OpenTelemetry SDK when the standard variables ask for it: `OTEL_EXPORTER_OTLP_ENDPOINT` is enough.
 *
 * A provider that is registered already, as by `--import`, stays. The exporters read their own variables: headers, timeout,
 * compression, certificates. A collector that does not take spans is logged.
 */
export async function registerTracing(env: Variables = {}, logger: Pick<GatewayLogger, "warn">): Promise<void> {
  const target = tracingTarget(env);
  if (target === undefined) return;
  const exporter = await makeExporter(target.protocol);
  if (exporter === undefined) {
    described = `off: the protocol ${target.protocol} is not supported, set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf`;
    return;
  }
  const [{ trace }, sdk, resources, { samplerOf }, { reportFailures }, { version }] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/sdk-trace"),
    import("@opentelemetry/resources"),
    import("./sampler.ts"),
    import("./report-failures.ts"),
    import("../../version.ts"),
  ]);
  const given = resources.detectResources({ detectors: [resources.resourceAttributesEnvDetector, resources.serviceNameEnvDetector] });
  const own = resources.resourceFromAttributes({ "service.name": "aivillage-gateway", "service.version": version });
  const provider = new sdk.TracerProvider({
    resource: resources.defaultResource().merge(own).merge(given),
    sampler: samplerOf(env),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: reportFailures(exporter, target.origin, logger), ...batchOptions(env) })],
  });
  described = trace.setGlobalTracerProvider(provider) ? target.origin : "by the provider that was registered before";
}

async function makeExporter(protocol: string) {
  if (protocol === "http/protobuf") return new (await import("@opentelemetry/exporter-trace-otlp-proto")).OTLPTraceExporter();
  if (protocol === "http/json") return new (await import("@opentelemetry/exporter-trace-otlp-http")).OTLPTraceExporter();
  return undefined;
}

function batchOptions(env: Variables) {
  return defined({
    scheduledDelayMillis: numberOf(env, "OTEL_BSP_SCHEDULE_DELAY"),
    exportTimeoutMillis: numberOf(env, "OTEL_BSP_EXPORT_TIMEOUT"),
    maxQueueSize: numberOf(env, "OTEL_BSP_MAX_QUEUE_SIZE"),
    maxExportBatchSize: numberOf(env, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
  });
}
