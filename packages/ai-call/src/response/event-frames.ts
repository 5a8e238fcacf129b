/** One event of a stream, or a comment or separator between events. */
export interface StreamEvent {
  /** The `event` field; empty if absent. */
  readonly type: string;
  /** The `data` fields, joined by line feeds; bytes as Latin-1. Empty for what is no event. */
  readonly data: string;
  /** All its bytes, with the blank line that ends it. */
  readonly raw: Buffer;
}

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Splits an event stream into its events (HTML Standard, 9.2.6), however its bytes are cut. Lines end with CR, LF or both.
 *
 * An event larger than `maxEventBytes` is returned in parts without data.
 */
export class EventFrames {
  readonly #onEvent: (event: StreamEvent) => void;
  readonly #maxEventBytes: number;
  /** The bytes of the event that is not complete yet. */
  #held: Buffer = Buffer.alloc(0);
  /** Where the line begins that is not complete yet. */
  #line = 0;
  #type = "";
  #data: string | undefined;
  #isOversized = false;

  constructor(maxEventBytes: number, onEvent: (event: StreamEvent) => void) {
    this.#maxEventBytes = maxEventBytes;
    this.#onEvent = onEvent;
  }

  push(chunk: Buffer): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let begin = 0;
    let line = this.#line;
    let end = lineEnd(bytes, line);
    while (end !== -1) {
      // A CR at the end of what came may be half of a CRLF.
      if (bytes[end] === carriageReturn && end + 1 === bytes.length) break;
      const next = bytes[end] === carriageReturn && bytes[end + 1] === lineFeed ? end + 2 : end + 1;
      if (end > line) this.#field(bytes, line, end);
      else {
        this.#emit(bytes.subarray(begin, next));
        begin = next;
      }
      line = next;
      end = lineEnd(bytes, line);
    }
    this.#keep(bytes, begin, line);
  }

  /** Returns what is left as an event, although nothing ended it. */
  end(): void {
    if (this.#held.length === 0) return;
    const rest = this.#held;
    if (this.#line < rest.length) this.#field(rest, this.#line, rest.at(-1) === carriageReturn ? rest.length - 1 : rest.length);
    this.#held = Buffer.alloc(0);
    this.#emit(rest);
  }

  #keep(bytes: Buffer, begin: number, line: number): void {
    const rest = bytes.subarray(begin);
    if (rest.length > this.#maxEventBytes) {
      this.#isOversized = true;
      this.#onEvent({ type: "", data: "", raw: rest });
      this.#held = Buffer.alloc(0);
      this.#line = 0;
      return;
    }
    this.#held = rest;
    this.#line = line - begin;
  }

  #field(bytes: Buffer, start: number, end: number): void {
    const first = bytes[start];
    // Only `data` and `event` matter.
    if (first === 0x64 && bytes.toString("latin1", start, start + 5) === "data:") {
      const value = bytes.toString("latin1", bytes[start + 5] === 0x20 ? start + 6 : start + 5, end);
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    } else if (first === 0x65 && bytes.toString("latin1", start, start + 6) === "event:") {
      this.#type = bytes.toString("latin1", start + 6, end).trim();
    }
  }

  #emit(raw: Buffer): void {
    const event = { type: this.#type, data: this.#isOversized ? "" : (this.#data ?? ""), raw };
    this.#type = "";
    this.#data = undefined;
    this.#isOversized = false;
    this.#onEvent(event);
  }
}

function lineEnd(bytes: Buffer, from: number): number {
  const feed = bytes.indexOf(lineFeed, from);
  const until = feed === -1 ? bytes.length : feed;
  // Short lines: a search for the rare CR within the line, not in all that follows.
  for (let at = from; at < until; at += 1) if (bytes[at] === carriageReturn) return at;
  return feed;
}
