/**
 * JSON Schemas of the bodies that AI SDKs send, by the name of their dialect.
 *
 * They are open: providers add members every month, and judge them themselves. What the schemas decide is how text is screened. Only what the
 * user has just said can refuse a request, by the profile `model`, which lets source code and documents pass. Instructions, tools, results
 * of tools and earlier messages are flagged.
 */
const model = { type: "string", minLength: 1, maxLength: 256 } as const;
/** A mark on the whole: of a list of messages the new ones, and a text that stands in its place. */
const said = { screen: { conversation: "model" } } as const;
const anythingElse = { type: ["string", "array", "object", "number", "boolean", "null"], screen: { flag: "model" } } as const;

const message = {
  type: "object",
  required: ["role"],
  properties: { role: { type: "string", maxLength: 64 }, content: { type: ["string", "array", "null"] } },
} as const;

const openaiChat = {
  type: "object",
  required: ["model", "messages"],
  properties: { model, messages: { type: "array", minItems: 1, items: message, ...said } },
  additionalProperties: anythingElse,
} as const;

const openaiResponses = {
  type: "object",
  properties: { model, input: { type: ["string", "array"], ...said } },
  additionalProperties: anythingElse,
} as const;

const openaiEmbeddings = {
  type: "object",
  required: ["model", "input"],
  properties: { model, input: { type: ["string", "array"], minItems: 1, screen: "model" } },
  additionalProperties: anythingElse,
} as const;

const anthropicMessages = {
  type: "object",
  required: ["model", "max_tokens", "messages"],
  properties: {
    model,
    max_tokens: { type: "integer", minimum: 1 },
    messages: { type: "array", minItems: 1, items: { ...message, required: ["role", "content"] }, ...said },
  },
  additionalProperties: anythingElse,
} as const;

export const aiSchemas = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  "openai-embeddings": openaiEmbeddings,
  "anthropic-messages": anthropicMessages,
} as const;

/** The name of a shipped schema. */
export type AiSchemaName = keyof typeof aiSchemas;

export function isAiSchemaName(value: unknown): value is AiSchemaName {
  return typeof value === "string" && Object.hasOwn(aiSchemas, value);
}
