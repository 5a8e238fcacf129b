export { attemptTracing, type AttemptBeginning, type AttemptTracing } from "./attempt-tracing.ts";
export type { AttemptEnded, TracingOptions, TracingScope } from "./options.ts";
export type { CallerSpan } from "./caller-span.ts";
export { spanEvent, type SpanEvent, type SpanEventSource } from "./span-event.ts";
export { tracing, type Tracing } from "./tracing.ts";
