import { endOfString } from "./member-scan.ts";

/** Where the parts of an event are in its bytes. */
interface EventParts {
  readonly start: number;
  readonly textStart: number;
  readonly textEnd: number;
  readonly end: number;
  /** Of a member that is not passed on, before or after the text; -1 for none. */
  readonly cutStart: number;
  readonly cutEnd: number;
}

/** After so many shapes no further one is learned: the events of this stream differ in more than their text. */
const mostShapes = 32;

const nothing: Buffer = Buffer.alloc(0);

/**
 * The shape of events that differ in their text alone, as most of a stream do. One that has it need not be read: what is in it was found in
 * the event that it was learned from.
 */
export class RepeatedEvent implements Omit<EventParts, "start"> {
  // Of the event that was found last.
  textStart = 0;
  textEnd = 0;
  end = 0;
  cutStart = -1;
  cutEnd = -1;
  /** The bytes from the beginning of the event to its text. */
  #before: Buffer = nothing;
  /** The bytes from the quote after the text to the end of the event. */
  #after: Buffer = nothing;
  /** What is cut, from the end of the text, or from the beginning of the event if it is before the text. */
  #cut = -1;
  #cutBytes = 0;
  #isCutBefore = false;
  #learned = 0;

  /** Takes the shape of an event that has no effect beside its text. */
  learn(bytes: Buffer, { start, textStart, textEnd, end, cutStart, cutEnd }: EventParts): void {
    this.#learned += 1;
    if (this.#learned > mostShapes) return void (this.#before = nothing);
    this.#before = Buffer.from(bytes.subarray(start, textStart));
    this.#after = Buffer.from(bytes.subarray(textEnd, end));
    this.#isCutBefore = cutStart < textStart;
    this.#cut = cutStart === -1 ? -1 : cutStart - (this.#isCutBefore ? start : textEnd);
    this.#cutBytes = cutEnd - cutStart;
  }

  /** Whether an event of this shape begins at `start`, and is complete. */
  find(bytes: Buffer, start: number): boolean {
    const textStart = start + this.#before.length;
    if (textStart === start || !isAt(bytes, start, this.#before)) return false;
    const textEnd = endOfString(bytes, textStart, bytes.length);
    if (!isAt(bytes, textEnd, this.#after)) return false;
    this.textStart = textStart;
    this.textEnd = textEnd;
    this.end = textEnd + this.#after.length;
    if (this.#cut !== -1) {
      this.cutStart = (this.#isCutBefore ? start : textEnd) + this.#cut;
      this.cutEnd = this.cutStart + this.#cutBytes;
    } else this.cutStart = -1;
    return true;
  }
}

function isAt(bytes: Buffer, start: number, expected: Buffer): boolean {
  const end = start + expected.length;
  return end <= bytes.length && bytes.compare(expected, 0, expected.length, start, end) === 0;
}
