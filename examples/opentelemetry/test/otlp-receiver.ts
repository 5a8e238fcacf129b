import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";

import { listen } from "@aivillage/testing";

interface Value {
  stringValue?: string;
  intValue?: number | string;
  boolValue?: boolean;
}

interface Attribute {
  key: string;
  value: Value;
}

/** A span as OTLP over HTTP with JSON writes it. */
interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code?: number };
}

interface OtlpRequest {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { scope: { name: string }; spans: OtlpSpan[] }[] }[];
}

/** A span that has arrived. */
export interface ReceivedSpan extends Omit<OtlpSpan, "attributes"> {
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly service: unknown;
  readonly scope: string;
}

/** The least of a collector: takes traces on `/v1/traces` and keeps the spans. */
export async function startOtlpReceiver() {
  const spans: ReceivedSpan[] = [];
  async function receive(req: IncomingMessage, res: ServerResponse): Promise<void> {
    assert.deepEqual([req.method, req.url, req.headers["content-type"]], ["POST", "/v1/traces", "application/json"]);
    spans.push(...readSpans((await json(req)) as OtlpRequest));
    res.setHeader("Content-Type", "application/json");
    res.end("{}");
  }
  const running = await listen((req, res) => void receive(req, res));
  return Object.assign(running, { spans });
}

function readSpans({ resourceSpans }: OtlpRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        ...span,
        attributes: readAttributes(span.attributes),
        service: readAttributes(resource.attributes)["service.name"],
        scope: scope.name,
      })),
    ),
  );
}

function readAttributes(attributes: readonly Attribute[]): ReceivedSpan["attributes"] {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue } }) => [
      key,
      intValue === undefined ? (stringValue ?? boolValue) : Number(intValue),
    ]),
  );
}
