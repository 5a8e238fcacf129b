import type { IncomingMessage, ServerResponse } from "node:http";

import type { AiDialect } from "./dialects/dialect.ts";
import { aiCallEnded, type AiCallOutcome } from "./events.ts";
import type { AiCall } from "./request/call.ts";
import { JsonMeter } from "./response/json-meter.ts";
import { StreamMeter } from "./response/stream-meter.ts";
import { UsageRecord } from "./response/usage-record.ts";
import { aiProgressValue, aiUsageValue } from "./response/usage.ts";
import { watchResponse } from "./response/watch-response.ts";

interface Metered {
  readonly call: AiCall;
  readonly dialect: AiDialect;
  readonly hidesUsage: boolean;
  readonly startedAt: number;
}

/** Meters the response of a call, and reports its usage once, when the response has ended or the client has left. */
export function meterCall(req: IncomingMessage, res: ServerResponse, { call, dialect, hidesUsage, startedAt }: Metered): void {
  const record = new UsageRecord(call, dialect.response, startedAt);
  aiProgressValue.set(req, () => record.usage(res.statusCode < 300));
  watchResponse(res, (mediaType) => {
    if (res.statusCode >= 300) return undefined;
    if (/^text\/event-stream\b/i.test(mediaType)) return new StreamMeter(record, dialect.response, hidesUsage, () => performance.now());
    return /^application\/(?:[\w.+-]+\+)?json\b/i.test(mediaType) ? new JsonMeter(record, dialect.response) : undefined;
  });
  res.once("close", () => {
    if (res.writableFinished) record.ended();
    const usage = record.usage(res.statusCode < 300);
    aiUsageValue.set(req, usage);
    if (!aiCallEnded.heard) return;
    const durationMs = performance.now() - startedAt;
    aiCallEnded.publish({ req, call, usage, outcome: outcomeOf(req, res, record), status: res.statusCode, durationMs });
  });
}

function outcomeOf(req: IncomingMessage, res: ServerResponse, record: UsageRecord): AiCallOutcome {
  if (res.writableFinished) return res.statusCode < 400 && !record.hasFailed ? "completed" : "failed";
  // A connection that this side has cut has neither an end nor an error of the client's.
  return req.socket.readableEnded || req.socket.errored !== null ? "client-left" : "failed";
}
