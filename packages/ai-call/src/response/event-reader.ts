import type { AiDialect } from "../dialects/dialect.ts";
import { addJsonText } from "../tokens/json-text.ts";
import type { StreamEvent } from "./event-frames.ts";
import { endOfString, MemberScan } from "./member-scan.ts";
import { rangeOfNull } from "./no-usage.ts";
import { nothing } from "./response-filter.ts";
import type { UsageRecord } from "./usage-record.ts";

/** Members whose presence makes an event worth parsing. */
const reports = ["finish_reason", "stop_reason", "incomplete_details"];

type Kind = "delta" | "report" | "usage" | "error";

const [quote, openBrace, letterN] = Buffer.from('"{n');

/** Reads the events of a stream into a record, and says of each what else it was. It parses only those that report something. */
export class EventReader {
  opening: "pending" | "content" | "refused" = "pending";
  // Of the event that was read last.
  /** It says more than text. */
  isReport = false;
  /** Where its last text begins; -1 for none. */
  textStart = -1;
  /** Where the member begins and ends that says that there is no usage yet; -1 for none. */
  cutStart = -1;
  cutEnd = -1;
  /** It has no effect but its text, of which there is at most one. */
  #isPlain = false;
  readonly #record: UsageRecord;
  readonly #response: AiDialect["response"];
  readonly #now: () => number;
  readonly #ends: readonly Buffer[];
  readonly #longestEnd: number;
  readonly #members: MemberScan<Kind>;
  #isFirst = true;
  #data: Buffer = nothing;
  #dataEnd = 0;

  constructor(record: UsageRecord, response: AiDialect["response"], now: () => number) {
    this.#record = record;
    this.#response = response;
    this.#now = now;
    this.#ends = response.end.map((mark) => Buffer.from(mark));
    this.#longestEnd = Math.max(0, ...this.#ends.map(({ length }) => length));
    this.#members = new MemberScan<Kind>(kindsOf(response), (kind, name, value) => this.#member(kind, name, value));
  }

  /** Whether the event that was read last had one text and no effect beside it. */
  get hasTextAlone(): boolean {
    return this.#isPlain && !this.isReport && this.textStart !== -1;
  }

  read({ type, data, dataStart, dataEnd }: StreamEvent): void {
    this.isReport = this.#isFirst;
    this.#isPlain = true;
    this.textStart = -1;
    this.cutStart = -1;
    if (dataEnd === dataStart) return;
    if (dataEnd - dataStart <= this.#longestEnd && this.#ends.some((mark) => isRange(data, dataStart, dataEnd, mark))) {
      return this.#completed();
    }
    if (type === "error") this.#failed();
    this.#data = data;
    this.#dataEnd = dataEnd;
    this.#members.scan(data, dataStart, dataEnd);
    if (this.isReport) this.#parse(data.toString("utf8", dataStart, dataEnd));
    this.#isFirst = false;
    if (type !== "" && this.#response.end.includes(type)) this.#completed();
  }

  /** Adds generated text. */
  text(bytes: Buffer, start: number, end: number): void {
    if (end === start) return;
    if (this.opening !== "content") {
      this.opening = "content";
      this.#record.began(this.#now());
    }
    addJsonText(this.#record.text, bytes, start, end);
  }

  #member(kind: Kind, name: number, value: number): void {
    const first = this.#data[value];
    if (kind === "delta") {
      if (first === quote) this.#delta(value + 1);
    } else if (first === letterN) {
      if (kind === "usage") [this.cutStart, this.cutEnd] = rangeOfNull(this.#data, name, value);
    } else if (kind !== "error") this.isReport = true;
    else if (first === openBrace) this.#failed();
  }

  #delta(start: number): void {
    this.#isPlain &&= this.textStart === -1;
    this.textStart = start;
    this.text(this.#data, start, endOfString(this.#data, start, this.#dataEnd));
  }

  #parse(data: string): void {
    try {
      const document = JSON.parse(data) as unknown;
      this.#record.read(document);
      if (this.#record.finishReason !== undefined) this.opening = "content";
      if (this.#response.end.includes(String((document as { type?: unknown } | null)?.type))) this.#completed();
    } catch {
      // An event that is no JSON is the client's to judge. It passes like any other.
    }
  }

  #completed(): void {
    this.#isPlain = false;
    this.#record.complete();
    if (this.opening === "pending") this.opening = "content";
  }

  #failed(): void {
    this.#isPlain = false;
    this.#record.failed();
    if (this.opening === "pending") this.opening = "refused";
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
