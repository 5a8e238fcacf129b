import { aiSchemas, type AiSchemaName } from "./ai-schemas.ts";
import { type RouteScreening, routeScreeningSchema } from "./screening-config.ts";
import { bytes } from "./units.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a route takes of the client. */
export interface RouteInput {
  /** JSON Schema of the query parameters, or `any`: every query passes, unchecked. Default: none are taken. */
  query?: JsonSchema | "any";
  /**
   * JSON Schema of the body, the name of a shipped one such as `openai-chat`, or `stream`: any body passes, unchecked. Required with POST, PUT,
   * PATCH and `any`.
   */
  body?: JsonSchema | AiSchemaName | "stream";
  /** Largest body: bytes, or a text such as `10MB`. Default: `input.maxBodyBytes` of JSON, `input.maxStreamedBytes` of a stream. */
  maxBodyBytes?: number | string;
  /** Longest string in a JSON body. Default: `input.maxStringLength`. */
  maxStringLength?: number;
  /** Deepest nesting of a JSON body. Default: `input.maxDepth`. */
  maxDepth?: number;
  /** Most keys of all objects of a JSON body together. Default 1,000. */
  maxKeys?: number;
  /** How the text of its requests is screened. Default: as `screening` says. */
  screening?: RouteScreening;
}

export const inputProperties = {
  query: { description: "any, or a JSON Schema of the query parameters", anyOf: [{ const: "any" }, { type: "object" }] },
  body: {
    description: `stream, ${Object.keys(aiSchemas).join(", ")}, or a JSON Schema of the body`,
    anyOf: [{ enum: ["stream", ...Object.keys(aiSchemas)] }, { type: "object" }],
  },
  maxBodyBytes: {
    description: "a number of bytes, or a text such as 10MB or 10MiB",
    anyOf: [
      { type: "integer", minimum: 1, maximum: 1_099_511_627_776 },
      { description: "a text such as 10MB or 10MiB", type: "string", pattern: bytes.pattern },
    ],
  },
  maxStringLength: { type: "integer", minimum: 1, maximum: 1_000_000_000 },
  maxDepth: { type: "integer", minimum: 1, maximum: 1_000 },
  maxKeys: { type: "integer", minimum: 1, maximum: 10_000_000 },
  screening: routeScreeningSchema,
} as const;

/** Bytes as a number. */
export function toBytes(value: number | string): number {
  return typeof value === "number" ? value : Number(bytes.coerce(value));
}

/** Schemas that a document can break only by not being an object, which a query is always. */
const harmless: ReadonlySet<string> = new Set(["type", "additionalProperties", "title", "description"]);

/** Whether every query passes: `any`, or a schema such as `{ type: object }` that asks for nothing. */
export function takesAnyQuery(query: RouteInput["query"]): query is JsonSchema | "any" {
  if (query === undefined || query === "any") return query === "any";
  const { type, additionalProperties = true } = query;
  return type === "object" && additionalProperties === true && Object.keys(query).every((key) => harmless.has(key));
}
