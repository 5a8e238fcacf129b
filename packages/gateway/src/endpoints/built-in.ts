import type { GatewayConfig } from "../config/gateway-config.ts";
import { json, type Operation, ownResponses, problems, proxiedResponses } from "./openapi/operations.ts";
import { withoutMarks } from "./openapi/plain-schema.ts";
import { ref } from "./openapi/schemas.ts";
import { chatSchema, querySchema } from "./schemas.ts";

const security = [{ apiKey: [] }];
const jsonBody = (schema: object): object => ({ required: true, content: { "application/json": { schema: withoutMarks(schema) } } });
const guarded = { isPublic: false, takesBody: true };

/** The endpoints of the mission, by path and method. */
export function builtInPaths({ features }: GatewayConfig): Record<string, Record<string, Operation>> {
  return {
    "/": {
      get: operation("information", "What this gateway is", ownResponses({ "200": json("About the gateway.", ref("information")) })),
    },
    "/healthz": { get: operation("health", "Health of the gateway and all services behind it", ownResponses(healthAnswers())) },
    "/livez": {
      get: operation("liveness", "Whether the process runs", ownResponses({ "200": json("It does.", ref("statusOnly")) })),
    },
    "/readyz": {
      get: operation(
        "readiness",
        "Whether the gateway takes requests",
        ownResponses({ "200": json("It does.", ref("statusOnly")), "503": json("It drains.", ref("statusOnly")) }),
      ),
    },
    ...(features.metrics && {
      "/metrics": {
        get: operation("metrics", "Metrics for Prometheus", ownResponses({ "200": anyText("Metrics."), ...problems(403) })),
      },
    }),
    "/v1/query": {
      post: {
        ...operation("query", "Ask the agent controller, or the knowledge system if that is away"),
        security,
        requestBody: jsonBody(querySchema),
        responses: proxiedResponses(json("The answer of the service.", ref("queryAnswer"), "application/json", "*/*"), guarded),
      },
    },
    "/v1/chat": {
      post: {
        ...operation("chat", "Chat with the twin; server-sent events with `Accept: text/event-stream`"),
        security,
        requestBody: jsonBody(chatSchema),
        responses: proxiedResponses({ description: "The answer of the twin.", content: { "*/*": {} } }, guarded),
      },
    },
    ...(features.fileUpload && {
      "/v1/upload": {
        post: {
          ...operation("upload", "Upload one file to the knowledge system"),
          security,
          requestBody: { required: true, content: { "multipart/form-data": { schema: ref("upload") } } },
          responses: proxiedResponses(json("The answer of the service.", ref("uploadAnswer"), "application/json", "*/*"), guarded),
        },
      },
    }),
  };
}

function operation(operationId: string, summary: string, responses: Operation["responses"] = {}): Operation {
  return { operationId, summary, responses };
}

function healthAnswers(): Record<string, object> {
  const types = ["application/json", "application/health+json"];
  return {
    "200": json("Healthy or degraded.", ref("health"), ...types),
    "503": json("Unhealthy: no service answers, or a critical one does not.", ref("health"), ...types),
  };
}

function anyText(description: string): object {
  return {
    description,
    content: { "text/plain": { schema: { type: "string" } }, "application/openmetrics-text": { schema: { type: "string" } } },
  };
}
