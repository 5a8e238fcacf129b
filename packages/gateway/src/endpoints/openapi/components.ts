/** JSON Schemas of the gateway's responses. */

const text = { type: "string" } as const;
const milliseconds = { type: "number", minimum: 0 } as const;

/** RFC 9457, with the members that the gateway adds. */
const problem = {
  type: "object",
  required: ["type", "title", "status"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: text,
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: text,
    instance: text,
    request_id: text,
    error: {
      type: "object",
      required: ["message", "type"],
      properties: { message: text, type: text, code: { type: ["string", "null"] }, param: { type: ["string", "null"] } },
    },
    errors: {
      type: "array",
      items: { type: "object", required: ["detail"], properties: { detail: text, pointer: text } },
    },
  },
} as const;

const service = {
  type: "object",
  required: ["status"],
  properties: {
    status: { enum: ["healthy", "unhealthy", "unknown", "disabled"] },
    status_code: { type: "integer", minimum: 100, maximum: 599 },
    response_time_ms: milliseconds,
    error: text,
    checked_at: { type: "string", format: "date-time" },
  },
} as const;

const health = {
  type: "object",
  required: ["status", "timestamp", "services", "gateway"],
  properties: {
    status: { enum: ["healthy", "degraded", "unhealthy"] },
    timestamp: { type: "string", format: "date-time" },
    services: { type: "object", additionalProperties: service },
    gateway: {
      type: "object",
      required: ["uptime_seconds", "environment", "response_time_ms"],
      properties: { uptime_seconds: { type: "number", minimum: 0 }, environment: text, response_time_ms: milliseconds },
    },
  },
} as const;

const statusOnly = { type: "object", required: ["status"], properties: { status: text } } as const;

const information = {
  type: "object",
  required: ["name", "version", "environment", "status", "endpoints"],
  properties: {
    name: text,
    version: text,
    environment: text,
    status: text,
    endpoints: { type: "object", additionalProperties: text },
  },
} as const;

/** The response of the service, with two members of the gateway if it is an object. */
const queryAnswer = {
  anyOf: [
    { not: { type: "object" } },
    {
      required: ["processing_time_ms", "routed_via"],
      properties: { processing_time_ms: milliseconds, routed_via: { enum: ["agent_controller", "knowledge_system_direct"] } },
    },
  ],
} as const;

const uploadAnswer = {
  properties: { gateway_processed_size: { type: "integer", minimum: 0 }, gateway_sha256: { type: "string" } },
} as const;

const upload = {
  type: "object",
  required: ["file"],
  properties: { file: { type: "string", contentMediaType: "application/octet-stream" } },
} as const;

const amount = { type: "number", minimum: 0 } as const;

const budget = {
  type: "object",
  required: ["budgets"],
  properties: {
    budgets: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "unit", "limit", "spent", "held", "remaining", "resets_at"],
        properties: {
          name: text,
          unit: text,
          limit: amount,
          spent: amount,
          held: amount,
          remaining: amount,
          resets_at: { type: "string", format: "date-time" },
        },
      },
    },
  },
} as const;

export const components = { problem, health, statusOnly, information, budget, queryAnswer, upload, uploadAnswer } as const;

/** A reference to one of them. */
export function ref(name: keyof typeof components): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
