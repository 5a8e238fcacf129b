// Registers the OpenTelemetry SDK. It must be there before the gateway is made, so it is loaded first:
//
//   node --import ./tracing.mjs server.ts
//   NODE_OPTIONS="--import ./tracing.mjs" npx aivillage-gateway start
//
// The exporter reads OTEL_EXPORTER_OTLP_ENDPOINT (default http://localhost:4318) and OTEL_EXPORTER_OTLP_HEADERS by itself.
import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from "@opentelemetry/sdk-trace";

const { OTEL_SERVICE_NAME: name = "aivillage-gateway", OTEL_TRACES_SAMPLER_ARG: ratio = "1" } = process.env;

trace.setGlobalTracerProvider(
  new TracerProvider({
    resource: resourceFromAttributes({ "service.name": name }),
    // A caller that records its part of a trace gets ours too; of the traces that begin here, this part is recorded.
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(Number(ratio)) }),
    // Sends a batch every 5 seconds. When the gateway ends, it has the rest sent.
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  }),
);
