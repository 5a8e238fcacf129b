import type { AiDialect } from "../dialects/dialect.ts";
import type { AiCall } from "../request/call.ts";
import { TokenEstimate } from "../tokens/token-estimate.ts";
import { firstAt, firstTexts } from "./lookup.ts";
import { ReportedCounts } from "./reported-counts.ts";
import type { ResponseEnd } from "./response-filter.ts";
import type { AiUsage } from "./usage.ts";

/** What a response that is reported by its status says before its end. */
const unfinished: ReadonlySet<string> = new Set(["in_progress", "queued"]);

/** About as fast as large models write. */
const tokensPerMs = 0.1;

/** Collects what a response says of its tokens, and estimates what it does not say. */
export class UsageRecord {
  /** Generated text, for the case that no usage is reported. */
  readonly text = new TokenEstimate();
  readonly #call: AiCall;
  readonly #response: AiDialect["response"];
  readonly #reported: ReportedCounts;
  readonly #startedAt: number;
  #firstTokenMs: number | undefined;
  #model: string | undefined;
  #finishReason: string | undefined;
  #finished = 0;
  #unreadBytes = 0;
  #leftAfterMs: number | undefined;
  #isComplete = false;
  #how: ResponseEnd | undefined;
  #hasFailed = false;

  constructor(call: AiCall, response: AiDialect["response"], startedAt: number) {
    this.#call = call;
    this.#response = response;
    this.#reported = new ReportedCounts(response.members);
    this.#startedAt = startedAt;
  }

  /** The response has ended as its dialect ends a complete one. */
  complete(): void {
    this.#isComplete = true;
  }

  ended(how: ResponseEnd): void {
    this.#how ??= how;
  }

  /** Whether each choice of the call has said why it ended. */
  get hasFinished(): boolean {
    return this.#finished >= this.#call.choices;
  }

  /** How the response ended; `undefined` before, and when it was not read. */
  get how(): ResponseEnd | undefined {
    return this.#how;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether the backend has reported the tokens of a complete response, which then need no estimate. */
  get isReported(): boolean {
    return this.#isComplete && this.#reported.of("input") !== undefined;
  }

  get finishReason(): string | undefined {
    return this.#finishReason;
  }

  /** The backend reported an error within its stream. */
  failed(): void {
    this.#hasFailed = true;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Bytes have passed that say nothing, such as compressed ones. */
  unread(bytes: number): void {
    this.#unreadBytes += bytes;
  }

  /** The client has left after so many milliseconds. */
  left(afterMs: number): void {
    this.#leftAfterMs = afterMs;
  }

  /** The first generated text of a stream has come. */
  began(now: number): void {
    this.#firstTokenMs ??= now - this.#startedAt;
  }

  /** Reads a response, or an event of a stream. */
  read(document: unknown): void {
    const { usage, model, finishReason } = this.#response;
    this.#model ??= textOf(firstAt(document, model));
    const reasons = firstTexts(document, finishReason).filter((reason) => !unfinished.has(reason));
    this.#finished += reasons.length;
    this.#finishReason = reasons[0]?.slice(0, 256) ?? this.#finishReason;
    const reported = firstAt(document, usage);
    if (reported !== undefined) this.#reported.read(reported);
  }

  /** @param wasAccepted false if the backend refused the call, which then used no tokens */
  usage(wasAccepted: boolean): AiUsage {
    const { isReported } = this;
    const reported = this.#reported;
    const output = reported.of("output") ?? 0;
    return {
      input: reported.of("input") ?? (wasAccepted ? this.#call.estimatedInputTokens : 0),
      // Before the end of a stream, what it has reported may be older than its last text.
      output: isReported ? output : Math.max(output, this.text.tokens, wasAccepted ? this.#mostUnread() : 0),
      cachedInput: reported.of("cachedInput") ?? 0,
      cacheWrite: reported.of("cacheWrite") ?? 0,
      reasoning: reported.of("reasoning") ?? 0,
      source: isReported ? "reported" : "estimated",
      model: this.#model,
      finishReason: this.#finishReason,
      firstTokenMs: this.#firstTokenMs,
    };
  }

  /**
   * The most output that nobody has seen: all that a call in the background may have, and a token for each byte that passed unread, which is
   * more than text has even if it is compressed. Of a call whose client has left before anything came, what a model may have written
   * meanwhile: it costs the same.
   */
  #mostUnread(): number {
    if (this.#response.text.length === 0) return 0;
    const { background, maxOutputTokens, choices } = this.#call;
    const most = maxOutputTokens === undefined ? undefined : maxOutputTokens * choices;
    if (background) return most ?? this.#unreadBytes;
    return Math.min(this.#hasCome ? this.#unreadBytes : this.#mostWritten(), most ?? Infinity);
  }

  get #hasCome(): boolean {
    return this.#unreadBytes > 0 || this.text.tokens > 0 || this.#reported.of("output") !== undefined;
  }

  #mostWritten(): number {
    return Math.ceil((this.#leftAfterMs ?? 0) * tokensPerMs) * this.#call.choices;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, 256) : undefined;
}
