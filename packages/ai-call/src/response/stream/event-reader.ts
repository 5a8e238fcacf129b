import type { AiDialect, MemberPath } from "../../dialects/dialect.ts";
import { memoized } from "../../memoized.ts";
import { addJsonText } from "../../tokens/json-text.ts";
import { firstAt } from "../lookup.ts";
import { nothing } from "../response-filter.ts";
import { usageAtEnd } from "../usage-at-end.ts";
import type { UsageRecord } from "../usage-record.ts";
import type { StreamEvent } from "./event-frames.ts";
import { type EventMember, eventMembersOf } from "./event-members.ts";
import { EventShape } from "./event-shape.ts";
import { endOfString, findMembers, type FoundMember, isAt, type MemberNames } from "./find-members.ts";

const [quote, openBrace, letterN] = Buffer.from('"{n');

/** Where an event says that the backend has failed. Further inside, such as in the definition or result of a tool, it says nothing of it. */
const errors: readonly MemberPath[] = [["error"], ["response", "error"]];

/** Reads the events of a stream into a record, and says of each what else it was. It parses only those that report something. */
export class EventReader {
  opening: "pending" | "content" | "refused" = "pending";
  // Of the event that was read last.
  /** It says more than text. */
  isReport = false;
  /** Where name and value of the member begin that says that there is no usage yet; -1 for none. */
  noUsageName = -1;
  noUsageValue = -1;
  readonly #record: UsageRecord;
  readonly #response: AiDialect["response"];
  readonly #now: () => number;
  readonly #ends: readonly Buffer[];
  readonly #names: MemberNames<EventMember>;
  readonly #found: FoundMember<EventMember>;
  readonly #shape: EventShape;
  #isFirst = true;
  #data: Buffer = nothing;
  #dataEnd = 0;

  constructor(record: UsageRecord, response: AiDialect["response"], now: () => number) {
    this.#record = record;
    this.#response = response;
    this.#now = now;
    this.#ends = endsOf(response);
    this.#names = eventMembersOf(response);
    this.#found = (kind, name, value) => this.#member(kind, name, value);
    this.#shape = new EventShape(this.#names);
  }

  read({ type, data, dataStart, dataEnd, isTail }: StreamEvent): void {
    this.isReport = this.#isFirst && !isTail;
    this.noUsageName = -1;
    if (dataEnd === dataStart) return;
    if (isTail) return this.#tail(type, data);
    for (const mark of this.#ends) if (dataEnd - dataStart === mark.length && isAt(data, dataStart, mark)) return this.#completed();
    if (type === "error") this.#failed();
    this.#data = data;
    this.#dataEnd = dataEnd;
    const from = this.#shape.skip(data, dataStart, dataEnd);
    if (from !== dataStart) this.#text(this.#shape.textStart, this.#shape.textEnd);
    findMembers(data, from, dataEnd, this.#names, this.#found);
    if (from === dataStart && !this.isReport) this.#shape.learn(data, dataStart, dataEnd);
    if (this.isReport) this.#parse(data.toString("utf8", dataStart, dataEnd));
    this.#isFirst = false;
    if (type !== "" && this.#response.end.includes(type)) this.#completed();
  }

  #member(kind: EventMember, name: number, value: number): void {
    const first = this.#data[value];
    if (kind === "delta") {
      if (first === quote) this.#text(value + 1, endOfString(this.#data, value + 1, this.#dataEnd));
    } else if (first === letterN) {
      if (kind === "usage") this.#noUsage(name, value);
    } else if (kind !== "error" || first === openBrace) this.isReport = true;
  }

  #noUsage(name: number, value: number): void {
    this.noUsageName = name;
    this.noUsageValue = value;
  }

  /** Adds generated text. */
  #text(start: number, end: number): void {
    if (end === start) return;
    if (this.opening !== "content") {
      this.opening = "content";
      this.#record.began(this.#now());
    }
    addJsonText(this.#record.text, this.#data, start, end);
  }

  #parse(data: string): void {
    try {
      const document = JSON.parse(data) as unknown;
      this.#record.read(document);
      if (typeof firstAt(document, errors) === "object") this.#failed();
      else if (this.#record.finishReason !== undefined) this.opening = "content";
      if (this.#response.end.includes(String((document as { type?: unknown } | null)?.type))) this.#completed();
    } catch {
      // An event that is no JSON is the client's to judge. It passes like any other.
    }
  }

  /** Of an event that was too large to be kept, its type and its end are known: the last event of a response repeats all of it. */
  #tail(type: string, data: Buffer): void {
    const document = usageAtEnd(data);
    if (document !== undefined) this.#record.read(document);
    if (this.#response.end.includes(type)) this.#completed();
  }

  #completed(): void {
    this.#record.complete();
    if (this.opening === "pending") this.opening = "content";
  }

  #failed(): void {
    this.#record.failed();
    if (this.opening === "pending") this.opening = "refused";
  }
}

const endsOf = memoized(({ end }: AiDialect["response"]) => end.map((mark) => Buffer.from(mark)));
