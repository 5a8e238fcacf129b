import { requestValue } from "@aivillage/middleware";

/** What a call asks of a model. */
export interface AiCall {
  /** Name of the dialect. */
  readonly dialect: string;
  /** The requested model; `undefined` when the call names none. */
  readonly model: string | undefined;
  /** Models that a router may choose instead, as the call lists them (`models`, `fallbacks`), and those that its tools call; mostly none. */
  readonly otherModels: readonly string[];
  /** Whether a stream of events is requested. */
  readonly stream: boolean;
  /** Whether the backend goes on after its response has ended, as in the background mode of OpenAI's Responses API. */
  readonly background: boolean;
  /** The most tokens that each choice may have; `undefined` when the call sets no limit and none was imposed. */
  readonly maxOutputTokens: number | undefined;
  /** How many choices are generated (`n`, `best_of`); at least 1. */
  readonly choices: number;
  /** Estimated tokens of the texts and tools of the request, plus 1,000 for each picture, recording or document. */
  readonly estimatedInputTokens: number;
  /** Number of pictures, recordings and documents. */
  readonly media: number;
  /** Number of tools. */
  readonly tools: number;
}

export const aiCallValue = requestValue<AiCall>("@aivillage/ai-call.call");
