import { anthropicMessage, messageDelta, messageStart, messageStop, textBlock } from "./anthropic-wire.ts";
import type { WireCapture } from "./capture.ts";
import {
  chatCompletion,
  chatInputTokens,
  chatStream,
  chatUsage,
  embeddings,
  outputMessage,
  response,
  responseEvents,
  responseUsage,
  textChunks,
  textOf,
} from "./openai-wire.ts";
import { countTokens } from "./tokens.ts";
import { sse, typed } from "./wire.ts";

interface Call {
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
}

type HttpResponse = Pick<WireCapture, "dialect" | "steps">;
type Message = { readonly content?: unknown };

/** The response of a model that repeats its input, with the true number of tokens. */
export function echo({ url, body }: Call): WireCapture {
  const reply = responseTo(url, body);
  return { name: "echo", request: body, ...reply, ...(body["stream"] !== true && { type: "application/json" }) };
}

function responseTo(url: string, body: Call["body"]): HttpResponse {
  const isStream = body["stream"] === true;
  if (url.includes("/embeddings")) return { dialect: "openai-embeddings", steps: () => [JSON.stringify(embedded(body["input"]))] };
  if (url.includes("/messages")) return { dialect: "anthropic-messages", steps: () => anthropic(messagesOf(body), isStream) };
  if (url.includes("/responses")) return { dialect: "openai-responses", steps: () => responses(body["input"], isStream) };
  return { dialect: "openai-chat", steps: (asksUsage) => chat(messagesOf(body), isStream, asksUsage) };
}

function messagesOf(body: Call["body"]): Message[] {
  return (body["messages"] ?? []) as Message[];
}

function lastOf(messages: readonly Message[]): string {
  return textOf(messages.at(-1)?.content);
}

function embedded(input: unknown): object {
  const texts = [input].flat().map(String);
  return embeddings(
    texts.length,
    texts.reduce((sum, each) => sum + countTokens(each), 0),
  );
}

function chat(messages: readonly Message[], isStream: boolean, asksUsage: boolean): string[] {
  const text = lastOf(messages);
  const usage = chatUsage(chatInputTokens(messages), countTokens(text));
  if (!isStream) return [JSON.stringify(chatCompletion({ content: text }, usage))];
  return sse(...chatStream(textChunks(text), usage, asksUsage));
}

function responses(input: unknown, isStream: boolean): string[] {
  const text = typeof input === "string" ? input : lastOf((input ?? []) as Message[]);
  const count = countTokens(text);
  const whole = response("completed", { output: [outputMessage(text, "completed")], usage: responseUsage(count + 7, count) });
  if (!isStream) return [JSON.stringify(whole)];
  const events = responseEvents(text);
  const last = { type: "response.completed", sequence_number: events.length, response: whole };
  return sse(...events.map((event) => typed(event as { type: string })), typed(last));
}

function anthropic(messages: readonly Message[], isStream: boolean): string[] {
  const text = lastOf(messages);
  const input = chatInputTokens(messages);
  const output = countTokens(text);
  const usage = { input_tokens: input, output_tokens: output };
  if (!isStream) return [JSON.stringify(anthropicMessage([{ type: "text", text }], usage, "end_turn"))];
  return sse(messageStart({ input_tokens: input, output_tokens: 1 }), ...textBlock(0, text), messageDelta(output, "end_turn"), messageStop);
}
