import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { WireCapture } from "@aivillage/testing/fake-provider";
import Anthropic from "@anthropic-ai/sdk";
import * as ai7 from "ai";
import * as ai6 from "ai-6";
import { createAnthropic as createAnthropic6 } from "ai-6-anthropic";
import { createOpenAI as createOpenAI6 } from "ai-6-openai";
import { createOpenAICompatible as createOpenAICompatible6 } from "ai-6-openai-compatible";
import Anthropic0 from "anthropic-0";
import OpenAI from "openai";
import OpenAI5 from "openai-5";
import OpenAI6 from "openai-6";

type Dialect = WireCapture["dialect"];

/** Where a client is pointed at. */
export interface Endpoint {
  /** Origin, and path up to the version. */
  readonly baseURL: string;
  readonly apiKey: string;
  /** Default 0. */
  readonly maxRetries?: number;
}

/** One version of one official client. */
export interface Sdk {
  readonly name: string;
  readonly dialects: readonly Dialect[];
  /** Makes the call of a capture and resolves to what the caller receives: all events, or the whole response. */
  readonly call: (endpoint: Endpoint, capture: WireCapture) => AsyncIterable<unknown> | Promise<unknown>;
}

type Create = (body: object, options?: object) => Promise<unknown>;

interface OpenAILike {
  readonly chat: { readonly completions: { readonly create: Create } };
  readonly responses: { readonly create: Create };
  readonly embeddings: { readonly create: Create };
}

function openai(name: string, Client: new (options: object) => unknown): Sdk {
  return {
    name,
    dialects: ["openai-chat", "openai-responses", "openai-embeddings"],
    call: ({ baseURL, apiKey, maxRetries = 0 }, { dialect, name: model, request }) => {
      const client = new Client({ baseURL: `${baseURL}/v1`, apiKey, maxRetries }) as OpenAILike;
      const body = { model, ...request };
      if (dialect === "openai-responses") return client.responses.create(body);
      if (dialect === "openai-embeddings") return client.embeddings.create(body);
      return client.chat.completions.create(body);
    },
  };
}

function anthropic(name: string, Client: new (options: object) => unknown): Sdk {
  return {
    name,
    dialects: ["anthropic-messages"],
    call: ({ baseURL, apiKey, maxRetries = 0 }, { name: model, request }) => {
      const client = new Client({ baseURL, apiKey, maxRetries }) as { messages: { create: Create } };
      return client.messages.create({ model, ...request });
    },
  };
}

type Model = Parameters<typeof ai7.streamText>[0]["model"];
type Models = (endpoint: Endpoint, capture: WireCapture) => unknown;

/** The clients of Vercel's `ai`, which speak to one provider each. */
function vercel(name: string, ai: typeof ai7, dialects: readonly Dialect[], modelOf: Models): Sdk {
  return {
    name,
    dialects,
    call: (endpoint, capture) => {
      const model = modelOf(endpoint, capture) as Model;
      const settings = { model, prompt: "Tell me of the bridge.", maxOutputTokens: 500, maxRetries: 0, onError: () => undefined };
      if (capture.request["stream"] === true) return ai.streamText(settings).fullStream;
      return ai.generateText(settings).then(({ text, usage, finishReason, toolCalls }) => ({ text, usage, finishReason, toolCalls }));
    },
  };
}

const version = ({ baseURL, apiKey }: Endpoint) => ({ baseURL: `${baseURL}/v1`, apiKey });
const compatible = (endpoint: Endpoint) => ({ ...version(endpoint), name: "made-up", includeUsage: true });

/** Every version of the official clients that is in use. */
export const sdks: readonly Sdk[] = [
  openai("openai 5", OpenAI5),
  openai("openai 6", OpenAI6),
  openai("openai 7", OpenAI),
  anthropic("@anthropic-ai/sdk 0", Anthropic0),
  anthropic("@anthropic-ai/sdk 1", Anthropic),
  ...(
    [
      ["6", ai6 as unknown as typeof ai7, createOpenAI6, createAnthropic6, createOpenAICompatible6],
      ["7", ai7, createOpenAI, createAnthropic, createOpenAICompatible],
    ] as const
  ).flatMap(([major, ai, makeOpenAI, makeAnthropic, makeCompatible]) => [
    vercel(`ai ${major} with openai, chat`, ai, ["openai-chat"], (to, { name }) => makeOpenAI(version(to)).chat(name)),
    vercel(`ai ${major} with openai, responses`, ai, ["openai-responses"], (to, { name }) => makeOpenAI(version(to)).responses(name)),
    vercel(`ai ${major} with anthropic`, ai, ["anthropic-messages"], (to, { name }) => makeAnthropic(version(to)).languageModel(name)),
    vercel(`ai ${major} with openai-compatible`, ai, ["openai-chat"], (to, { name }) => makeCompatible(compatible(to)).languageModel(name)),
  ]),
];
