import { requestValue } from "@aivillage/middleware";

/** The tokens of a call. */
export interface AiUsage {
  /** Input tokens, those that were read from or written to a cache included. */
  readonly input: number;
  /** Output tokens, reasoning included. */
  readonly output: number;
  /** Input tokens that came from a cache. */
  readonly cachedInput: number;
  /** Input tokens that were written to a cache. */
  readonly cacheWrite: number;
  /** Output tokens that the client does not see. */
  readonly reasoning: number;
  /** `reported` by the backend at the end of a complete response; otherwise `estimated`, at least for what it did not report. */
  readonly source: "reported" | "estimated";
  /** The model that responded, which may be another one than was requested. */
  readonly model: string | undefined;
  /** Why the output ended, in the backend's word: `stop`, `length`, `end_turn` and the like. */
  readonly finishReason: string | undefined;
  /** Milliseconds from the arrival of the whole call to the first generated text; `undefined` when none came, or it came all at once. */
  readonly firstTokenMs: number | undefined;
}

export const aiUsageValue = requestValue<AiUsage>("@aivillage/ai-call.usage");
