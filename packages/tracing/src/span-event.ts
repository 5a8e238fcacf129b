import type { IncomingMessage } from "node:http";

import type { Event } from "@aivillage/middleware";
import type { Attributes, Span } from "@opentelemetry/api";

import { neverThrow, type Report } from "./open-telemetry.ts";

/** An event of a span: something that happened at one point in time. */
export interface SpanEvent {
  readonly name: string;
  readonly attributes?: Attributes;
}

/** A kind of event that `tracing()` adds to spans. Made by `spanEvent()`. */
export interface SpanEventSource {
  /** Subscribes; `spanOf` returns the span of a request while it is recorded. Returns the function that unsubscribes. */
  attach(spanOf: (req: IncomingMessage) => Span | undefined, report: Report): () => void;
}

/**
 * Makes an event of a package an event of the request's span, for the option `events` of `tracing()`.
 *
 * @param describe returns the event of the span, or `undefined` to leave it out; called only while the span is recorded
 */
export function spanEvent<T extends { req: IncomingMessage }>(
  source: Event<T>,
  describe: (message: T) => SpanEvent | undefined,
): SpanEventSource {
  return {
    attach(spanOf, report) {
      const note = neverThrow(report, (message: T) => {
        const span = spanOf(message.req);
        const described = span && describe(message);
        if (described !== undefined) span?.addEvent(described.name, described.attributes);
      });
      return source.subscribe((message) => {
        note(message);
      });
    },
  };
}
