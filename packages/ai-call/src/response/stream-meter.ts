import type { AiDialect } from "../dialects/dialect.ts";
import { addJsonText } from "../tokens/json-text.ts";
import { EventFrames, type StreamEvent } from "./event-frames.ts";
import { valueOf } from "./member-value.ts";
import { type Meter, nothing } from "./meter.ts";
import type { UsageRecord } from "./usage-record.ts";

/** Larger events pass unread. */
const maxEventBytes = 1_048_576;

/** Members whose presence makes an event worth parsing. */
const reports = ["usage", "finish_reason", "stop_reason", "incomplete_details"];

/**
 * Meters an event stream. Every chunk passes on at once and unchanged, except where usage was asked for in the client's place: then events
 * pass on whole, without what the client did not ask for.
 */
export class StreamMeter implements Meter {
  readonly #record: UsageRecord;
  readonly #response: AiDialect["response"];
  readonly changesLength: boolean;
  readonly #now: () => number;
  readonly #frames: EventFrames;
  #isFirst = true;
  #out: Buffer[] = [];

  constructor(record: UsageRecord, response: AiDialect["response"], hidesUsage: boolean, now: () => number) {
    this.#record = record;
    this.#response = response;
    this.changesLength = hidesUsage;
    this.#now = now;
    this.#frames = new EventFrames(maxEventBytes, (event) => this.#event(event));
  }

  write(chunk: Buffer): Buffer {
    this.#frames.push(chunk);
    return this.changesLength ? this.#passed() : chunk;
  }

  end(): Buffer {
    this.#frames.end();
    return this.changesLength ? this.#passed() : nothing;
  }

  #passed(): Buffer {
    const [only, ...more] = this.#out;
    this.#out = [];
    if (only === undefined) return nothing;
    return more.length === 0 ? only : Buffer.concat([only, ...more]);
  }

  #event(event: StreamEvent): void {
    if (event.data !== "") this.#read(event);
    if (this.changesLength) this.#pass(event);
  }

  #read({ type, data }: StreamEvent): void {
    const { end, deltas } = this.#response;
    if (end.includes(data)) return this.#record.complete();
    if (end.includes(type)) this.#record.complete();
    const failure = valueOf(data, "error");
    if (type === "error" || (failure !== undefined && data[failure] === "{")) this.#record.failed();
    for (const name of deltas) this.#delta(data, name);
    if (this.#isFirst || reports.some((name) => valueOf(data, name) !== undefined)) this.#parse(data);
    this.#isFirst = false;
  }

  /** Adds the text of each string member of this name. */
  #delta(data: string, name: string): void {
    let found = valueOf(data, name);
    while (found !== undefined) {
      if (data[found] === '"') {
        const end = endOfString(data, found);
        if (end > found + 1) {
          this.#record.began(this.#now());
          const bytes = Buffer.from(data.slice(found + 1, end), "latin1");
          addJsonText(this.#record.text, bytes, 0, bytes.length);
        }
      }
      found = valueOf(data, name, found);
    }
  }

  #parse(data: string): void {
    try {
      const document = JSON.parse(Buffer.from(data, "latin1").toString("utf8")) as unknown;
      this.#record.read(document);
      if (this.#response.end.includes(String((document as { type?: unknown } | null)?.type))) this.#record.complete();
    } catch {
      // An event that is no JSON is the client's to judge. It passes like any other.
    }
  }

  #pass({ data, raw }: StreamEvent): void {
    if (valueOf(data, "usage") !== undefined && /"choices"\s*:\s*\[\s*\]/.test(data)) return;
    this.#out.push(/"usage"\s*:\s*null/.test(data) ? withoutUsage(raw) : raw);
  }
}

/** With usage requested, each event says that it has none yet. */
function withoutUsage(raw: Buffer): Buffer {
  const text = raw.toString("latin1");
  return Buffer.from(text.replace(/,\s*"usage"\s*:\s*null|"usage"\s*:\s*null\s*,/, ""), "latin1");
}

/** The position of the quote that ends the string that begins at `start`. */
function endOfString(data: string, start: number): number {
  let end = start;
  do {
    end = data.indexOf('"', end + 1);
    if (end === -1) return data.length;
  } while (isEscaped(data, end));
  return end;
}

function isEscaped(data: string, at: number): boolean {
  let before = at - 1;
  while (data[before] === "\\") before -= 1;
  return (at - before) % 2 === 0;
}
