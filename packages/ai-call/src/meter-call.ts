import type { IncomingMessage, ServerResponse } from "node:http";

import { hasClientLeft, isResponseDelivered, requestValue } from "@aivillage/middleware";

import type { AiDialect } from "./dialects/dialect.ts";
import { aiCallEnded, type AiCallOutcome } from "./events.ts";
import type { AiCall } from "./request/call.ts";
import { ByteMeter } from "./response/byte-meter.ts";
import { JsonMeter } from "./response/json-meter.ts";
import { asksForLongWait } from "./response/long-wait.ts";
import { Refusal } from "./response/refusal.ts";
import type { AiResponseFilter } from "./response/response-filter.ts";
import { StreamMeter } from "./response/stream/stream-meter.ts";
import { UsageRecord } from "./response/usage-record.ts";
import { type AiUsage, aiUsageValue } from "./response/usage.ts";
import { type WatchedHead, watchResponse } from "./response/watch-response.ts";

interface Metered {
  readonly call: AiCall;
  readonly dialect: AiDialect;
  readonly hidesUsage: boolean;
  /** Whether a handler of the app may write the response, instead of a proxy with the filter. */
  readonly watchResponse: boolean;
  /** Codes of errors that another backend may not have. */
  readonly failOverOn: readonly string[];
  readonly startedAt: number;
}

/** Meters the response of one call, and reports its usage once, when the response has ended or the client has left. */
class CallMeter {
  readonly #metered: Metered;
  readonly #res: ServerResponse;
  #record: UsageRecord;
  #stream: StreamMeter | undefined;
  #json: JsonMeter | undefined;
  #isDiscouraged = false;
  #stopWatching: (() => void) | undefined;

  constructor(metered: Metered, res: ServerResponse) {
    this.#metered = metered;
    this.#res = res;
    this.#record = this.#newRecord();
  }

  get dialect(): AiDialect {
    return this.#metered.dialect;
  }

  /** Meters whatever writes the response. */
  watch(req: IncomingMessage): void {
    this.#stopWatching = watchResponse(req, this.#res, (head) => this.filter(head));
  }

  /** A proxy passes the responses of backends through `filter()` itself. */
  leaveToProxy(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  /** The filter of a response. Each backend that is tried starts over. */
  filter({ status, type, encoding }: WatchedHead): AiResponseFilter | undefined {
    const { dialect, hidesUsage, failOverOn } = this.#metered;
    this.#record = this.#newRecord();
    this.#stream = undefined;
    this.#json = undefined;
    const isReadable = encoding === undefined || encoding === "identity";
    if (status >= 400) return isReadable && failOverOn.length > 0 && isJson(type) ? new Refusal(failOverOn) : undefined;
    if (status >= 300) return undefined;
    if (isReadable && isEventStream(type))
      return (this.#stream = new StreamMeter(this.#record, dialect.response, hidesUsage, () => performance.now()));
    if (isReadable && isJson(type)) return (this.#json = new JsonMeter(this.#record, dialect.response));
    return new ByteMeter(this.#record);
  }

  /** Makes SDKs report an error at once instead of sleeping through its wait. The next backend may say otherwise. */
  discourageRetries(isLong: boolean): void {
    if (isLong) this.#res.setHeader("X-Should-Retry", "false");
    else if (this.#isDiscouraged) this.#res.removeHeader("X-Should-Retry");
    this.#isDiscouraged = isLong;
  }

  /** The tokens up to now. */
  usage(): AiUsage {
    this.#stream?.catchUp();
    return this.#record.usage(this.#res.statusCode < 300);
  }

  ended(req: IncomingMessage): void {
    const { call, startedAt } = this.#metered;
    const res = this.#res;
    // A stream whose end no filter has seen was ended in its backend's place, such as by a budget.
    if (isResponseDelivered(req, res)) this.#record.ended(this.#stream === undefined ? "completed" : "broken");
    else if (hasClientLeft(req, res)) this.#record.left(performance.now() - startedAt);
    this.#json?.catchUp();
    const usage = this.usage();
    aiUsageValue.set(req, usage);
    if (!aiCallEnded.hasSubscribers) return;
    const durationMs = performance.now() - startedAt;
    aiCallEnded.publish({ req, call, usage, outcome: outcomeOf(req, res, this.#record), status: res.statusCode, durationMs });
  }

  #newRecord(): UsageRecord {
    const { call, dialect, startedAt } = this.#metered;
    return new UsageRecord(call, dialect.response, startedAt);
  }
}

function isEventStream(type: string): boolean {
  return /^text\/event-stream\b/i.test(type);
}

function isJson(type: string): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(type);
}

const callMeter = requestValue<CallMeter>("@aivillage/ai-call.meter");

/** The tokens of this call up to now, and all of them once its response has ended; `undefined` if `aiCall()` has not run. */
export function getAiProgress(req: IncomingMessage): AiUsage | undefined {
  return aiUsageValue.get(req) ?? callMeter.get(req)?.usage();
}

/** The dialect of this call; `undefined` if `aiCall()` has not run. */
export function dialectOf(req: IncomingMessage): AiDialect | undefined {
  return callMeter.get(req)?.dialect;
}

/** Meters the response of a call, no matter which handler writes it. */
export function meterCall(req: IncomingMessage, res: ServerResponse, metered: Metered): void {
  const meter = new CallMeter(metered, res);
  callMeter.set(req, meter);
  if (metered.watchResponse) meter.watch(req);
  onceEnded(res, () => meter.ended(req));
}

/** Calls `end` when the response is complete or the client has left, before the listeners that log the response and ask for its usage. */
function onceEnded(res: ServerResponse, end: () => void): void {
  const once = (): void => {
    res.off("finish", once).off("close", once);
    end();
  };
  res.prependListener("finish", once).prependListener("close", once);
}

/**
 * The filter for the response to a call, for the option `filter` of `downstreamProxy()`. With it the proxy can wait for the first text of
 * a response, send a call to another target before that, and end a broken stream with an error event. `undefined` for requests
 * that have not passed `aiCall()`.
 */
export function aiResponseFilter(
  req: IncomingMessage,
  { status, headers }: { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>> },
): AiResponseFilter | undefined {
  const meter = callMeter.get(req);
  if (meter === undefined) return undefined;
  meter.leaveToProxy();
  meter.discourageRetries(asksForLongWait(status, headers));
  const { "content-type": type, "content-encoding": encoding } = headers;
  return meter.filter({ status, type: String(type ?? ""), encoding: encoding === undefined ? undefined : String(encoding) });
}

function outcomeOf(req: IncomingMessage, res: ServerResponse, record: UsageRecord): AiCallOutcome {
  if (record.how === "broken") return "failed";
  if (isResponseDelivered(req, res)) return res.statusCode < 400 && !record.hasFailed ? "completed" : "failed";
  if (record.how === "client-left") return "client-left";
  return hasClientLeft(req, res) ? "client-left" : "failed";
}
