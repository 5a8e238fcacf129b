import assert from "node:assert/strict";

import { eventually } from "@aivillage/testing";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-node";

const exporter = new InMemorySpanExporter();

/** The part of the traces that begin here which is recorded, and whether to decide is a failure; the caller's decision is followed. */
export const sampling = { ofNewTraces: 1, fails: false };
const root: Sampler = {
  shouldSample: (context, traceId) => {
    if (sampling.fails) throw new Error("no decision");
    return new TraceIdRatioBasedSampler(sampling.ofNewTraces).shouldSample(context, traceId);
  },
  toString: () => "switchable",
};

/** Registers the real SDK; what it exports is kept here. Call it before a gateway is made. */
export function registerSdk(): void {
  new NodeTracerProvider({ sampler: new ParentBasedSampler({ root }), spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
}

/** What is told of a finished span, without its times. */
export interface SeenSpan {
  readonly name: string;
  /** Such as `SERVER`. */
  readonly kind: string | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: ReadableSpan["attributes"];
  readonly error: boolean;
  readonly events: readonly { name: string; attributes: object | undefined }[];
  readonly startMs: number;
  readonly endMs: number;
}

const milliseconds = ([seconds, nanoseconds]: [number, number]): number => seconds * 1_000 + nanoseconds / 1e6;

function see(span: ReadableSpan): SeenSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    kind: SpanKind[span.kind],
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    attributes: span.attributes,
    error: SpanStatusCode[span.status.code] === "ERROR",
    events: span.events.map(({ name, attributes }) => ({ name, attributes })),
    startMs: milliseconds(span.startTime),
    endMs: milliseconds(span.endTime),
  };
}

export const finishedSpans = (): SeenSpan[] => exporter.getFinishedSpans().map(see);

export const resetSpans = (): void => exporter.reset();

/** The span of the only request since the last call, and those of its attempts in their order. */
export async function takeRequest(): Promise<{ server: SeenSpan; attempts: SeenSpan[] }> {
  await eventually(() => finishedSpans().some(({ kind }) => kind === "SERVER"), "the span of a request");
  const spans = finishedSpans();
  resetSpans();
  const [server, ...others] = spans.filter(({ kind }) => kind === "SERVER");
  assert.ok(server !== undefined && others.length === 0);
  return { server, attempts: spans.filter(({ kind }) => kind === "CLIENT") };
}

/** A `traceparent` field, taken apart. */
export function readTraceparent(value: unknown): { traceId: string | undefined; spanId: string | undefined; flags: string | undefined } {
  const [, traceId, spanId, flags] = String(value).split("-");
  return { traceId, spanId, flags };
}
