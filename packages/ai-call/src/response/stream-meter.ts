import type { AiDialect } from "../dialects/dialect.ts";
import { incompleteStream } from "../problems.ts";
import { addJsonText } from "../tokens/json-text.ts";
import { errorEvent } from "./error-event.ts";
import { EventFrames, type StreamEvent } from "./event-frames.ts";
import { KeptRanges } from "./kept-ranges.ts";
import { endOfString, MemberScan } from "./member-scan.ts";
import { RepeatedEvent } from "./repeated-event.ts";
import { type AiResponseFilter, nothing, type ResponseEnd } from "./response-filter.ts";
import type { UsageRecord } from "./usage-record.ts";

/** Larger events pass unread. */
const maxEventBytes = 1_048_576;

/** Members whose presence makes an event worth parsing. */
const reports = ["finish_reason", "stop_reason", "incomplete_details"];

type Kind = "delta" | "report" | "usage" | "error";

const [quote, comma, openBrace, letterN] = Buffer.from('",{n');

/**
 * Meters an event stream. Events pass on whole and unchanged, except where usage was asked for in the client's place: then they pass on
 * without what the client did not ask for. When the stream breaks, the part of an event that has come is dropped, and the dialect's error
 * event takes its place.
 */
export class StreamMeter implements AiResponseFilter {
  readonly changes: boolean;
  readonly #record: UsageRecord;
  readonly #response: AiDialect["response"];
  readonly #now: () => number;
  readonly #ends: readonly Buffer[];
  readonly #longestEnd: number;
  readonly #frames = new EventFrames(
    maxEventBytes,
    (event) => this.#event(event),
    (bytes, start) => this.#passRepeated(bytes, start),
  );
  readonly #repeated = new RepeatedEvent();
  readonly #members: MemberScan<Kind>;
  #opening: "pending" | "content" | "refused" = "pending";
  #isFirst = true;
  readonly #kept = new KeptRanges();
  // Of the event that is being read.
  #data: Buffer = nothing;
  #dataEnd = 0;
  #isReport = false;
  /** Whether it has no effect but its text, of which there is one. */
  #isPlain = false;
  /** Where its last text begins; -1 for none. */
  #textStart = -1;
  /** Where the member begins and ends that says that there is no usage yet; -1 for none. */
  #cutStart = -1;
  #cutEnd = -1;

  constructor(record: UsageRecord, response: AiDialect["response"], hidesUsage: boolean, now: () => number) {
    this.#record = record;
    this.#response = response;
    this.changes = hidesUsage;
    this.#now = now;
    this.#ends = response.end.map((mark) => Buffer.from(mark));
    this.#longestEnd = Math.max(0, ...this.#ends.map(({ length }) => length));
    this.#members = new MemberScan<Kind>(kindsOf(response), (kind, name, value) => this.#member(kind, name, value));
  }

  get opening(): "pending" | "content" | "refused" {
    return this.#opening;
  }

  write(chunk: Buffer): Buffer {
    const whole = this.#frames.push(chunk);
    return this.changes ? this.#kept.take() : whole;
  }

  /** @throws HttpProblem 502 for a stream that has ended properly, but before the end that its dialect has */
  end(how: ResponseEnd, error?: unknown): Buffer {
    if (how === "broken") return this.#broken(error);
    const rest = this.#frames.end();
    if (how === "completed" && !this.#isWhole()) {
      if (this.#opening === "pending") this.#opening = "refused";
      throw incompleteStream();
    }
    this.#record.ended(how);
    return this.changes ? this.#kept.take() : rest;
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
    return Buffer.from((this.#frames.isInsideEvent ? "\n\n" : "") + errorEvent(this.#response, error));
  }

  #event(event: StreamEvent): void {
    this.#isReport = this.#isFirst;
    this.#isPlain = true;
    this.#textStart = -1;
    this.#cutStart = -1;
    if (event.dataEnd > event.dataStart) this.#read(event);
    if (this.changes) this.#pass(event);
    if (this.#isPlain && !this.#isReport && this.#textStart !== -1 && event.data === event.bytes) this.#learn(event);
  }

  #read({ type, data, dataStart, dataEnd }: StreamEvent): void {
    if (dataEnd - dataStart <= this.#longestEnd && this.#ends.some((mark) => isRange(data, dataStart, dataEnd, mark))) {
      return this.#completed();
    }
    if (type === "error") this.#failed();
    this.#data = data;
    this.#dataEnd = dataEnd;
    this.#members.scan(data, dataStart, dataEnd);
    if (this.#isReport) this.#parse(data.toString("utf8", dataStart, dataEnd));
    this.#isFirst = false;
    if (type !== "" && this.#response.end.includes(type)) this.#completed();
  }

  #member(kind: Kind, name: number, value: number): void {
    const first = this.#data[value];
    if (kind === "delta") {
      if (first === quote) this.#delta(value + 1);
    } else if (first === letterN) {
      if (kind === "usage") this.#hasNoUsage(name, value);
    } else if (kind !== "error") this.#isReport = true;
    else if (first === openBrace) this.#failed();
  }

  /** With usage requested, each event says that it has none yet. */
  #hasNoUsage(name: number, value: number): void {
    const end = value + "null".length;
    const hasComma = this.#data[name - 1] === comma;
    this.#cutStart = hasComma ? name - 1 : name;
    this.#cutEnd = !hasComma && this.#data[end] === comma ? end + 1 : end;
  }

  #delta(start: number): void {
    this.#isPlain &&= this.#textStart === -1;
    this.#textStart = start;
    this.#text(this.#data, start, endOfString(this.#data, start, this.#dataEnd));
  }

  /** Adds generated text. */
  #text(bytes: Buffer, start: number, end: number): void {
    if (end === start) return;
    if (this.#opening !== "content") {
      this.#opening = "content";
      this.#record.began(this.#now());
    }
    addJsonText(this.#record.text, bytes, start, end);
  }

  #learn({ bytes, start, end, dataEnd }: StreamEvent): void {
    const textEnd = endOfString(bytes, this.#textStart, dataEnd);
    this.#repeated.learn(bytes, { start, textStart: this.#textStart, textEnd, end, cutStart: this.#cutStart, cutEnd: this.#cutEnd });
  }

  /** Takes the events at `start` that differ from an earlier one in their text alone, and returns the position after them. */
  #passRepeated(bytes: Buffer, start: number): number {
    const repeated = this.#repeated;
    let at = start;
    while (repeated.find(bytes, at)) {
      this.#text(bytes, repeated.textStart, repeated.textEnd);
      if (this.changes) this.#keep(bytes, at, repeated.end, repeated.cutStart, repeated.cutEnd);
      at = repeated.end;
    }
    return at;
  }

  #parse(data: string): void {
    try {
      const document = JSON.parse(data) as unknown;
      this.#record.read(document);
      if (this.#record.finishReason !== undefined) this.#opening = "content";
      if (this.#response.end.includes(String((document as { type?: unknown } | null)?.type))) this.#completed();
    } catch {
      // An event that is no JSON is the client's to judge. It passes like any other.
    }
  }

  #completed(): void {
    this.#isPlain = false;
    this.#record.complete();
    if (this.#opening === "pending") this.#opening = "content";
  }

  #failed(): void {
    this.#isPlain = false;
    this.#record.failed();
    if (this.#opening === "pending") this.#opening = "refused";
  }

  #pass({ bytes, start, end, data, dataStart, dataEnd }: StreamEvent): void {
    if (this.#isReport && isUsageAlone(data.toString("latin1", dataStart, dataEnd))) return;
    // Data of several lines is not where the event is; no server writes JSON that way.
    this.#keep(bytes, start, end, data === bytes ? this.#cutStart : -1, this.#cutEnd);
  }

  /** Passes an event on, without what was cut out of it. */
  #keep(bytes: Buffer, start: number, end: number, cutStart: number, cutEnd: number): void {
    if (cutStart === -1) return this.#kept.push(bytes, start, end);
    this.#kept.push(bytes, start, cutStart);
    this.#kept.push(bytes, cutEnd, end);
  }
}

function kindsOf({ deltas }: AiDialect["response"]): ReadonlyMap<string, Kind> {
  return new Map<string, Kind>([
    ...deltas.map((name): [string, Kind] => [name, "delta"]),
    ...reports.map((name): [string, Kind] => [name, "report"]),
    ["usage", "usage"],
    ["error", "error"],
  ]);
}

function isRange(bytes: Buffer, start: number, end: number, mark: Buffer): boolean {
  return end - start === mark.length && bytes.compare(mark, 0, mark.length, start, end) === 0;
}

/** The chunk with the usage of the whole stream has no choices. */
function isUsageAlone(data: string): boolean {
  return /"usage"\s*:\s*\{/.test(data) && /"choices"\s*:\s*\[\s*\]/.test(data);
}
