import type { AiDialect } from "../../dialects/dialect.ts";
import { incompleteStream } from "../../problems.ts";
import { type AiResponseFilter, nothing, type ResponseEnd } from "../response-filter.ts";
import type { UsageRecord } from "../usage-record.ts";
import { errorEvent } from "./error-event.ts";
import { EventFrames, type StreamEvent } from "./event-frames.ts";
import { EventReader } from "./event-reader.ts";
import { KeptRanges } from "./kept-ranges.ts";
import { cutNoUsage, rangeOfNull } from "./no-usage.ts";
import { roomBytes, UnreadEvents } from "./unread-events.ts";

const [lineFeed, carriageReturn] = Buffer.from("\n\r");

/** Of larger events only the end is read. */
const maxEventBytes = 1_048_576;

/**
 * Meters an event stream. Events pass on whole and unchanged, except where usage was asked for in the client's place: then they pass on
 * without what the client did not ask for. When the stream breaks, the part of an event that has come is dropped, and the dialect's error
 * event takes its place.
 */
export class StreamMeter implements AiResponseFilter {
  readonly changes: boolean;
  /** Whole events may be read later: nobody waits for the first text any more, and no event is incomplete. */
  #mayPassUnread = false;
  readonly #unread = new UnreadEvents();
  readonly #record: UsageRecord;
  readonly #response: AiDialect["response"];
  readonly #frames = new EventFrames(maxEventBytes, (event) => this.#event(event));
  readonly #reader: EventReader;
  readonly #kept = new KeptRanges();
  /** What is read now has passed before. */
  #hasPassed = false;

  constructor(record: UsageRecord, response: AiDialect["response"], hidesUsage: boolean, now: () => number) {
    this.#record = record;
    this.#response = response;
    this.changes = hidesUsage;
    this.#reader = new EventReader(record, response, now);
  }

  get opening(): "pending" | "content" | "refused" {
    return this.#reader.opening;
  }

  write(chunk: Buffer): Buffer {
    const isPassedUnread = this.#mayPassUnread && chunk.length <= roomBytes && endsEvent(chunk);
    return isPassedUnread ? this.#passUnread(chunk) : this.#passRead(chunk);
  }

  /** Reads what has passed unread. */
  catchUp(): void {
    const unread = this.#unread.take();
    if (unread.length === 0) return;
    this.#hasPassed = true;
    this.#frames.push(unread);
    this.#hasPassed = false;
  }

  /** @throws HttpProblem 502 for a stream that has ended properly, but before the end that its dialect has */
  end(how: ResponseEnd, error?: unknown): Buffer {
    this.catchUp();
    if (how === "broken") return this.#broken(error);
    const rest = this.#frames.end();
    if (how === "completed" && !this.#isWhole()) {
      if (this.#reader.opening === "pending") this.#reader.opening = "refused";
      throw incompleteStream();
    }
    this.#record.ended(how);
    return this.changes ? this.#kept.take() : rest;
  }

  abandon(): Buffer {
    this.catchUp();
    this.#record.ended("broken");
    return this.#separator();
  }

  #passUnread(chunk: Buffer): Buffer {
    const end = this.changes ? cutNoUsage(chunk) : chunk.length;
    if (end === -1) return this.#passRead(chunk);
    const passed = end === chunk.length ? chunk : chunk.subarray(0, end);
    if (!this.#unread.hasRoom(passed)) this.catchUp();
    this.#unread.add(passed);
    return passed;
  }

  #passRead(chunk: Buffer): Buffer {
    this.catchUp();
    const whole = this.#frames.push(chunk);
    this.#mayPassUnread = this.#reader.opening === "content" && this.#frames.isBetweenEvents;
    return this.changes ? this.#kept.take() : whole;
  }

  /** A backend that has reported an error says nothing more. */
  #isWhole(): boolean {
    const { mayLackEnd } = this.#response;
    if (mayLackEnd === "always" || (mayLackEnd === "finished" && this.#record.hasFinished)) this.#record.complete();
    return this.#record.isComplete || this.#record.hasFailed;
  }

  #broken(error: unknown): Buffer {
    this.#record.ended("broken");
    // The client has all of it, or the backend has said what is wrong.
    if (this.#record.isComplete || this.#record.hasFailed) return nothing;
    return Buffer.concat([this.#separator(), Buffer.from(errorEvent(this.#response, error))]);
  }

  /** Ends an event of which a part has passed. */
  #separator(): Buffer {
    return Buffer.from(this.#frames.isInsideEvent ? "\n\n" : "");
  }

  #event(event: StreamEvent): void {
    this.#reader.read(event);
    if (this.changes && !this.#hasPassed) this.#pass(event);
  }

  #pass({ bytes, start, end, data, dataStart, dataEnd }: StreamEvent): void {
    const { isReport, noUsageName, noUsageValue } = this.#reader;
    if (isReport && isUsageAlone(data.toString("latin1", dataStart, dataEnd))) return;
    // Data of several lines is not where the event is; no server writes JSON that way.
    if (noUsageName === -1 || data !== bytes) return this.#kept.push(bytes, start, end);
    const [cutStart, cutEnd] = rangeOfNull(bytes, noUsageName, noUsageValue);
    this.#kept.push(bytes, start, cutStart);
    this.#kept.push(bytes, cutEnd, end);
  }
}

/** Whether a chunk ends with an empty line, LF or CRLF as nearly all servers send it. */
function endsEvent(chunk: Buffer): boolean {
  const last = chunk.length - 1;
  if (chunk[last] !== lineFeed) return false;
  return chunk[last - 1] === lineFeed || (chunk[last - 1] === carriageReturn && chunk[last - 2] === lineFeed);
}

/** The chunk with the usage of the whole stream has no choices. */
function isUsageAlone(data: string): boolean {
  return /"usage"\s*:\s*\{/.test(data) && /"choices"\s*:\s*\[\s*\]/.test(data);
}
