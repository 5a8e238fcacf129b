// Registers the OpenTelemetry SDK. It must be there before the app is made, so Node loads it first:
//
//   node --import ./telemetry.ts server.ts
//
// This example prints each span on standard output. For a collector, use `new BatchSpanProcessor(new OTLPTraceExporter())` instead, the latter
// from @opentelemetry/exporter-trace-otlp-http.
import { NodeTracerProvider, type ReadableSpan, type SpanProcessor } from "@opentelemetry/sdk-trace-node";

const printer: SpanProcessor = {
  onStart: () => undefined,
  onEnd: (span) => console.log(describe(span)),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function describe(span: ReadableSpan): string {
  const { name, attributes, parentSpanContext } = span;
  const { traceId, spanId } = span.spanContext();
  return `span ${JSON.stringify({ name, traceId, spanId, parent: parentSpanContext?.spanId, attributes })}`;
}

new NodeTracerProvider({ spanProcessors: [printer] }).register();
