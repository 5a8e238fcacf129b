import { type AiDialectName, dialects } from "@aivillage/ai-call";

import { type KeyHeader, keyFileSchema, keyHeaders } from "./key-headers.ts";
import { type ModelNames, modelNamesSchema } from "./model-names.ts";

/** A route to language models. */
export interface AiRoute {
  /** The API that its clients and its service speak. */
  dialect: AiDialectName;
  /** Models that may be called; `*` stands for any characters. Default: all. */
  models?: string[];
  /** The most output tokens of a call; one that sets no limit gets this one. Default: no limit. */
  maxOutputTokens?: number;
  /** The member in which the service reads this limit, such as `max_tokens` of Ollama and Mistral. Default: the dialect's first. */
  limitMember?: string;
  /** Asks the service for usage at the end of a stream where the client did not. Default true. */
  askUsage?: boolean;
  /** Names of models at the service, by those that clients use, such as `claude-*: anthropic/claude-*`. Default: the same. */
  modelNames?: ModelNames;
  /** Codes or types of the service's errors for which the `fallback` is asked, such as `context_length_exceeded`. Default: none. */
  failOverOn?: string[];
}

/** What a route says of the models that it leads to. */
export interface RouteAi {
  /** The dialect, or an object with it: the calls are limited and metered, and errors are as the dialect's SDKs read them. */
  ai?: AiDialectName | AiRoute;
  /** File with the key of the service, which replaces the client's. It is read again when it changes. */
  upstreamKeyFile?: string;
  /** Header that carries it. Default: `x-api-key` with `ai: anthropic-messages`, otherwise `authorization` as a Bearer token. */
  upstreamKeyHeader?: KeyHeader;
}

const dialect = { enum: [...dialects.keys()] } as const;

export const aiProperties = {
  ai: {
    description: `one of ${dialect.enum.join(", ")}, or an object such as { dialect: openai-chat, models: ["gpt-*"] }`,
    anyOf: [
      dialect,
      {
        description: 'an object such as { dialect: openai-chat, models: ["gpt-*"] }',
        type: "object",
        additionalProperties: false,
        required: ["dialect"],
        properties: {
          dialect,
          models: {
            description: "a list of 1 to 1000 different models such as [gpt-5, qwen*]",
            type: "array",
            items: { type: "string", minLength: 1, maxLength: 256 },
            minItems: 1,
            maxItems: 1_000,
            uniqueItems: true,
          },
          maxOutputTokens: { type: "integer", minimum: 1, maximum: 100_000_000 },
          limitMember: { type: "string", minLength: 1, maxLength: 64 },
          askUsage: { type: "boolean" },
          modelNames: modelNamesSchema,
          failOverOn: {
            description: "a list of 1 to 100 codes such as [context_length_exceeded]",
            type: "array",
            items: { type: "string", minLength: 1, maxLength: 128 },
            minItems: 1,
            maxItems: 100,
          },
        },
      },
    ],
  },
  upstreamKeyFile: keyFileSchema,
  upstreamKeyHeader: { enum: keyHeaders },
} as const;

/** What a route says of its calls; `undefined` for a route that makes none. */
export function aiRouteOf({ ai }: RouteAi): AiRoute | undefined {
  return typeof ai === "string" ? { dialect: ai } : ai;
}
