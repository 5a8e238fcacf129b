import { nothing } from "../response-filter.ts";
import { tailOf } from "../usage-at-end.ts";
import { isAt } from "./find-members.ts";

/** An event of a stream, or comments and separators between events. The object is used again, so read it during the call. */
export interface StreamEvent {
  /** The `event` field; empty if absent. */
  type: string;
  bytes: Buffer;
  /** All its bytes, with the blank line that ends it. */
  start: number;
  end: number;
  /** The bytes with the `data` fields, joined by line feeds. */
  data: Buffer;
  /** Where the data is in them. An empty range for what is no event. */
  dataStart: number;
  dataEnd: number;
  /** Whether the data are only its last bytes, because it was too large to be kept. */
  isTail: boolean;
}

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Splits an event stream into its events (HTML Standard, 9.2.6), however its bytes are cut. Lines end with CR, LF or both.
 *
 * An event larger than `maxEventBytes` is returned in parts without data; the last part has its type, and its end as data.
 */
export class EventFrames {
  readonly #onEvent: (event: StreamEvent) => void;
  readonly #maxEventBytes: number;
  readonly #event: StreamEvent = { type: "", bytes: nothing, start: 0, end: 0, data: nothing, dataStart: 0, dataEnd: 0, isTail: false };
  /** The bytes of the event that is not complete yet. */
  #held: Buffer = nothing;
  /** Where the line begins that is not complete yet. */
  #line = 0;
  /** The last line ended in CR, so a LF that follows belongs to it. */
  #isAfterReturn = false;
  #isOversized = false;
  /** The last bytes of what was returned of an event that is too large. */
  #tail: Buffer = nothing;
  /** Most events of a stream have the same type. */
  #lastType: { readonly bytes: Buffer; readonly text: string } = { bytes: nothing, text: "" };

  constructor(maxEventBytes: number, onEvent: (event: StreamEvent) => void) {
    this.#maxEventBytes = maxEventBytes;
    this.#onEvent = onEvent;
  }

  /** Whether a part of an event was returned, of which the rest has not come. */
  get isInsideEvent(): boolean {
    return this.#isOversized;
  }

  /** Whether all bytes belong to events that are complete. */
  get isBetweenEvents(): boolean {
    return this.#held.length === 0 && !this.#isOversized && !this.#isAfterReturn;
  }

  /** Takes bytes of the stream and returns those of all events that are complete. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : this.#joined(chunk);
    let begin = 0;
    let line = this.#line;
    if (this.#isAfterReturn && bytes[line] === lineFeed) line += 1;
    let feed = nextOf(lineFeed, bytes, line);
    let carriage = nextOf(carriageReturn, bytes, line);
    while (feed !== -1 || carriage !== -1) {
      const end = carriage === -1 || (feed !== -1 && feed < carriage) ? feed : carriage;
      const next = end === carriage && end + 1 === feed ? end + 2 : end + 1;
      if (end > line) {
        this.#field(bytes, line, end);
        line = next;
      } else {
        this.#emit(bytes, begin, next);
        begin = line = next;
      }
      if (feed !== -1 && feed < line) feed = nextOf(lineFeed, bytes, line);
      if (carriage !== -1 && carriage < line) carriage = nextOf(carriageReturn, bytes, line);
    }
    if (bytes.length > 0) this.#isAfterReturn = line === bytes.length && bytes[line - 1] === carriageReturn;
    return this.#keep(bytes, begin, line);
  }

  /** Reads what is left as an event, although nothing ended it, and returns it. */
  end(): Buffer {
    const rest = this.#held;
    if (rest.length === 0) return rest;
    if (this.#line < rest.length) this.#field(rest, this.#line, rest.length);
    this.#held = nothing;
    this.#emit(rest, 0, rest.length);
    return rest;
  }

  #joined(chunk: Buffer): Buffer {
    const bytes = Buffer.concat([this.#held, chunk]);
    if (this.#event.data === this.#held) this.#event.data = bytes;
    return bytes;
  }

  #keep(bytes: Buffer, begin: number, line: number): Buffer {
    if (bytes.length - begin > this.#maxEventBytes) {
      this.#emitPart(bytes, begin);
      this.#held = nothing;
      this.#line = 0;
      return bytes;
    }
    this.#line = line - begin;
    if (begin === bytes.length) {
      this.#held = nothing;
      return bytes;
    }
    this.#held = bytes.subarray(begin);
    this.#moveData(bytes, begin);
    return bytes.subarray(0, begin);
  }

  /** The data of an event stay where the event is, unless they are several lines. */
  #moveData(bytes: Buffer, begin: number): void {
    const event = this.#event;
    if (event.dataEnd === 0 || event.data !== bytes) return;
    event.data = this.#held;
    event.dataStart -= begin;
    event.dataEnd -= begin;
  }

  /** Only `data` and `event` matter. */
  #field(bytes: Buffer, start: number, end: number): void {
    const first = bytes[start];
    if (first === 0x64 && isAt(bytes, start, dataName)) this.#data(bytes, afterSpace(bytes, start + dataName.length), end);
    else if (first === 0x65 && isAt(bytes, start, eventName)) {
      this.#event.type = this.#type(bytes, start + eventName.length, end);
    }
  }

  #type(bytes: Buffer, start: number, end: number): string {
    const isLast = end - start === this.#lastType.bytes.length && isAt(bytes, start, this.#lastType.bytes);
    if (!isLast) this.#lastType = { bytes: Buffer.from(bytes.subarray(start, end)), text: bytes.toString("latin1", start, end).trim() };
    return this.#lastType.text;
  }

  #data(bytes: Buffer, start: number, end: number): void {
    const { data, dataStart, dataEnd } = this.#event;
    if (dataEnd === 0) return this.#setData(bytes, start, end);
    const joined = Buffer.concat([data.subarray(dataStart, dataEnd), lineFeedBytes, bytes.subarray(start, end)]);
    this.#setData(joined, 0, joined.length);
  }

  #setData(data: Buffer, start: number, end: number): void {
    const event = this.#event;
    event.data = data;
    event.dataStart = start;
    event.dataEnd = end;
  }

  /** Returns a whole event, or the last part of one that is too large. */
  #emit(bytes: Buffer, start: number, end: number): void {
    const event = this.#event;
    event.isTail = this.#isOversized;
    if (event.isTail) {
      const tail = tailOf(this.#tail, bytes.subarray(start, end));
      this.#setData(tail, 0, tail.length);
    }
    this.#pass(bytes, start, end);
    event.type = "";
    this.#isOversized = false;
    this.#tail = nothing;
  }

  #emitPart(bytes: Buffer, start: number): void {
    this.#setData(nothing, 0, 0);
    this.#pass(bytes, start, bytes.length);
    this.#isOversized = true;
    this.#tail = tailOf(this.#tail, bytes.subarray(start));
  }

  #pass(bytes: Buffer, start: number, end: number): void {
    const event = this.#event;
    event.bytes = bytes;
    event.start = start;
    event.end = end;
    this.#onEvent(event);
    this.#setData(nothing, 0, 0);
  }
}

const dataName = Buffer.from("data:");
const eventName = Buffer.from("event:");
const lineFeedBytes = Buffer.from("\n");

/** The line after that of an event is empty, mostly. */
function nextOf(mark: number, bytes: Buffer, from: number): number {
  if (from === bytes.length) return -1;
  return bytes[from] === mark ? from : bytes.indexOf(mark, from);
}

function afterSpace(bytes: Buffer, at: number): number {
  return bytes[at] === 0x20 ? at + 1 : at;
}
