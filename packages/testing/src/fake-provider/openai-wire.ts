import { countTokens, tokensOf } from "./tokens.ts";
import type { WireEvent } from "./wire.ts";

/** What a chat completion or a part of one has in common with all others. */
const common = { id: "chatcmpl-1", created: 1_700_000_000, model: "made-up-1" } as const;

/** Usage as chat completions report it. */
export function chatUsage(input: number, output: number, details: object = {}): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output, ...details };
}

/** One chunk of a chat stream. */
export function chunk(
  delta: object,
  { index = 0, finish = null }: { index?: number; finish?: string | null } = {},
): Record<string, unknown> {
  return { ...common, object: "chat.completion.chunk", choices: [{ index, delta, finish_reason: finish }] };
}

/** The chunks of a text: the role, one token each, and why it ended. */
export function textChunks(text: string, index = 0): Record<string, unknown>[] {
  const deltas = tokensOf(text).map((content) => chunk({ content }, { index }));
  return [chunk({ role: "assistant", content: "" }, { index }), ...deltas, chunk({}, { index, finish: "stop" })];
}

/** The chunk of usage, with which `include_usage` ends a stream. */
export function usageChunk(usage: object): WireEvent {
  return { ...common, object: "chat.completion.chunk", choices: [], usage };
}

/** A stream as OpenAI sends it: with usage only for those that asked, and then with `null` in all other chunks. */
export function chatStream(chunks: readonly object[], usage: object, asksUsage: boolean): WireEvent[] {
  if (!asksUsage) return [...chunks, "[DONE]"];
  return [...chunks.map((each) => ({ ...each, usage: null })), usageChunk(usage), "[DONE]"];
}

/** A chat completion that is no stream. */
export function chatCompletion(message: object, usage: object | null, finish = "stop"): object {
  const choices = [{ index: 0, message: { role: "assistant", refusal: null, ...message }, logprobs: null, finish_reason: finish }];
  return { ...common, object: "chat.completion", choices, ...(usage !== null && { usage }) };
}

/** A response of the Responses API. */
export function response(status: string, more: object = {}): Record<string, unknown> {
  return {
    id: "resp_1",
    object: "response",
    created_at: common.created,
    model: "made-up-3",
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    output: [],
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    usage: null,
    ...more,
  };
}

/** Usage as responses report it. */
export function responseUsage(input: number, output: number, { cached = 0, reasoning = 0 } = {}): object {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

/** The message of a response. */
export function outputMessage(text: string, status: string): object {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    status,
    content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
  };
}

const place = { item_id: "msg_1", output_index: 0, content_index: 0 };
const textDelta = (delta: string): object => ({ type: "response.output_text.delta", ...place, delta, logprobs: [] });

/** The events of a stream of Responses up to its last one. */
export function responseEvents(text: string): object[] {
  const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
  const events: object[] = [
    { type: "response.created", response: response("in_progress") },
    { type: "response.in_progress", response: response("in_progress") },
    { type: "response.output_item.added", output_index: 0, item: { ...outputMessage("", "in_progress"), content: [] } },
    { type: "response.content_part.added", ...place, part },
    ...tokensOf(text).map(textDelta),
    { type: "response.output_text.done", ...place, text, logprobs: [] },
    { type: "response.content_part.done", ...place, part: { ...part, text } },
    { type: "response.output_item.done", output_index: 0, item: outputMessage(text, "completed") },
  ];
  return events.map((event, index) => Object.assign(event, { sequence_number: index }));
}

/** The embeddings of as many texts. */
export function embeddings(count: number, inputTokens: number): object {
  const data = Array.from({ length: count }, (_, index) => ({
    object: "embedding",
    index,
    embedding: Array.from({ length: 8 }, (_value, at) => (index + at) / 1_024),
  }));
  return { object: "list", model: "made-up-e", data, usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } };
}

/** The tokens of a chat by OpenAI's own rule: four around each message, and three that begin the response. */
export function chatInputTokens(messages: readonly { readonly content?: unknown }[]): number {
  return messages.reduce((sum, { content }) => sum + countTokens(textOf(content)) + 4, 3);
}

/** The text of a message: all of it, or that of its parts, of which pictures have none. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { readonly text?: unknown }) => (typeof part.text === "string" ? part.text : "")).join("");
}
