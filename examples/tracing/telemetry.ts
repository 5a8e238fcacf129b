// Registers the OpenTelemetry SDK. It must be there before the app is made, so Node loads it first:
//
//   node --import ./telemetry.ts server.ts
//
// This example prints each span on standard output. Use OTLPTraceExporter of @opentelemetry/exporter-trace-otlp-http for a collector.
import { NodeTracerProvider, type ReadableSpan, SimpleSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-node";

const printer: SpanExporter = {
  export(spans, done) {
    for (const span of spans) console.log(describe(span));
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};

function describe(span: ReadableSpan): string {
  const { name, attributes, parentSpanContext } = span;
  const { traceId, spanId } = span.spanContext();
  return `span ${JSON.stringify({ name, traceId, spanId, parent: parentSpanContext?.spanId, attributes })}`;
}

// Sends batches in production: BatchSpanProcessor instead of SimpleSpanProcessor.
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(printer)] }).register();
