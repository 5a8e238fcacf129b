/** What `/v1/query` and `/v1/chat` take, as JSON Schema; `screen` says how the text of a field is screened, and which may refuse. */

const sessionId = { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$", screen: "strict" } as const;

const options = {
  type: "object",
  additionalProperties: false,
  properties: {
    max_tokens: { type: "integer", minimum: 1, maximum: 1_000_000 },
    temperature: { type: "number", minimum: 0, maximum: 2 },
    top_p: { type: "number", minimum: 0, maximum: 1 },
  },
} as const;

const prose = { type: "string", maxLength: 32_768, pattern: "\\S", screen: "prose" } as const;

export const querySchema = {
  type: "object",
  additionalProperties: false,
  required: ["query"],
  properties: { query: prose, session_id: sessionId, options },
} as const;

const turn = {
  type: "object",
  additionalProperties: false,
  required: ["role", "content"],
  properties: { role: { type: "string", enum: ["system", "user", "assistant"], screen: "strict" }, content: prose },
} as const;

export const chatSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    message: prose,
    messages: { type: "array", minItems: 1, maxItems: 200, items: turn, screen: { conversation: "prose" } },
    session_id: sessionId,
    options,
    stream: { type: "boolean" },
  },
  oneOf: [
    { required: ["message"], properties: { message: true } },
    { required: ["messages"], properties: { messages: true } },
  ],
} as const;
