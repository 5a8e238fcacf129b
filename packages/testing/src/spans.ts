import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after } from "node:test";

import * as ownApi from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-node";

import { eventually } from "./eventually.ts";

/** The SDK registers with the CommonJS copy of the API, and each copy remembers by itself what was registered. */
const copies = [ownApi, createRequire(import.meta.url)("@opentelemetry/api") as typeof ownApi];
const exporter = new InMemorySpanExporter();

/** The share of the traces that begin here which is recorded, and whether the sampler throws; a caller's decision is followed. */
export const sampling = { ofNewTraces: 1, fails: false };
const root: Sampler = {
  shouldSample: (context, traceId) => {
    if (sampling.fails) throw new Error("no decision");
    return new TraceIdRatioBasedSampler(sampling.ofNewTraces).shouldSample(context, traceId);
  },
  toString: () => "switchable",
};

/** Registers the real SDK for the tests of a file and keeps what it exports. Call it before `tracing()`, or before a gateway is made. */
export function registerSdk(): void {
  resetSpans();
  Object.assign(sampling, { ofNewTraces: 1, fails: false });
  new NodeTracerProvider({ sampler: new ParentBasedSampler({ root }), spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  after(() => {
    for (const api of copies) for (const part of [api.trace, api.context, api.propagation]) part.disable();
  });
}

/** What tests look at of a finished span. */
export interface SeenSpan {
  readonly name: string;
  /** Such as `SERVER`. */
  readonly kind: string | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: ReadableSpan["attributes"];
  readonly scope: { readonly name: string; readonly version?: string };
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
    kind: ownApi.SpanKind[span.kind],
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    attributes: span.attributes,
    scope: {
      name: span.instrumentationScope.name,
      ...(span.instrumentationScope.version && { version: span.instrumentationScope.version }),
    },
    error: ownApi.SpanStatusCode[span.status.code] === "ERROR",
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
