import { liveness, readiness } from "@aivillage/health-cascade";

import type { BuiltInPath } from "../config/settings/built-in-paths.ts";
import { isProduction } from "../config/settings/environment-name.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { policyOf } from "../config/settings/route-config.ts";
import type { AccessPolicy } from "../pipeline/guard.ts";
import { chatProxy, queryProxy, uploadProxy } from "../pipeline/proxies.ts";
import { apiPage, description, startScript, viewerScript, viewerStyle } from "./api-pages.ts";
import { ownBudget } from "./budget.ts";
import type { Endpoint, OwnEndpoint, ServiceEndpoint } from "./endpoint.ts";
import { information } from "./information.ts";
import { chatSchema, querySchema } from "./input-schemas.ts";
import { ref } from "./openapi/components.ts";
import { examples } from "./openapi/examples.ts";
import { anyText, healthResponses, json, jsonBody, ownOperation, problems, serviceOperation } from "./openapi/operations.ts";
import { scrape } from "./scrape.ts";

type BuiltIn = Omit<OwnEndpoint, "path"> | Omit<ServiceEndpoint, "path">;

const unlimited: AccessPolicy = { isUnlimited: true };
const open: AccessPolicy = { public: true };

const namedServices = {
  name: "service",
  in: "query",
  description: "A service that must be healthy, as in the report of `/healthz`; may be repeated.",
  schema: { type: "array", items: { type: "string" } },
} as const;

/** What the gateway serves without a route of the configuration. A new path here is a new path in `config/settings/built-in-paths.ts`. */
export function builtInEndpoints({ features, environment, routes }: GatewayConfig): Endpoint[] {
  const isViewerOn = !isProduction(environment);
  const page = { methods: ["GET"], access: open, isEnabled: isViewerOn } satisfies Partial<BuiltIn>;
  const table: Readonly<Record<BuiltInPath, BuiltIn>> = {
    "/": {
      methods: ["GET"],
      access: open,
      handler: information,
      describe: () =>
        ownOperation("information", "What this gateway is", {
          "200": json("About the gateway.", ref("information"), examples.information),
        }),
    },
    "/healthz": {
      methods: ["GET"],
      access: unlimited,
      listedAs: "health",
      formerPath: "/status",
      handler: ({ health }) => health,
      describe: () => ownOperation("health", "Health of the gateway and its services", healthResponses(), "Health"),
    },
    "/livez": {
      methods: ["GET"],
      access: unlimited,
      handler: () => liveness(),
      describe: () =>
        ownOperation("liveness", "Whether the process runs", { "200": json("It does.", ref("statusOnly"), examples.alive) }, "Health"),
    },
    "/readyz": {
      methods: ["GET"],
      access: unlimited,
      handler: ({ state, health }) => readiness({ isReady: () => !state.draining, health, requires: [] }),
      describe: () => ({
        ...ownOperation(
          "readiness",
          "Whether the gateway takes requests, and the services that the query names do",
          {
            "200": json("It does.", ref("statusOnly"), examples.ready),
            ...problems(404),
            "503": json("It drains, or one of the services is not healthy.", ref("statusOnly"), examples.notReady),
          },
          "Health",
        ),
        parameters: [namedServices],
      }),
    },
    "/metrics": {
      methods: ["GET"],
      access: unlimited,
      isEnabled: features.metrics,
      listedAs: "metrics",
      handler: scrape,
      describe: () => ownOperation("metrics", "Metrics for Prometheus", { "200": anyText("Metrics."), ...problems(403) }),
    },
    "/v1/budget": {
      methods: ["GET"],
      access: {},
      listedAs: "budget",
      handler: ({ budgets }) => ownBudget(budgets),
      describe: () => ({
        ...ownOperation("budget", "How the budgets of the caller stand", {
          "200": json("The budgets that apply to the caller.", ref("budget"), examples.budget),
          ...problems(401, 403),
        }),
        security: [{ apiKey: [] }],
      }),
    },
    "/v1/query": {
      methods: ["POST"],
      access: { scopes: ["query"] },
      input: { body: querySchema },
      listedAs: "query",
      formerPath: "/query",
      proxy: queryProxy,
      describe: () =>
        serviceOperation("query", "Ask the agent controller, or the knowledge system if that is down", {
          body: jsonBody(querySchema, examples.query),
          success: json("The response of the service.", ref("queryAnswer"), examples.queryAnswer, "application/json", "*/*"),
        }),
    },
    "/v1/chat": {
      methods: ["POST"],
      access: { scopes: ["chat"] },
      input: { body: chatSchema },
      listedAs: "chat",
      formerPath: "/chat",
      proxy: chatProxy,
      describe: () =>
        serviceOperation("chat", "Chat with the twin; server-sent events with `Accept: text/event-stream`", {
          body: jsonBody(chatSchema, examples.chat),
          success: json("The response of the twin.", {}, examples.chatAnswer, "application/json", "*/*"),
        }),
    },
    "/v1/upload": {
      methods: ["POST"],
      access: { scopes: ["upload"] },
      isEnabled: features.fileUpload,
      input: { body: "upload" },
      listedAs: "upload",
      formerPath: "/upload",
      proxy: uploadProxy,
      describe: () =>
        serviceOperation("upload", "Upload one file to the knowledge system", {
          body: { required: true, content: { "multipart/form-data": { schema: ref("upload") } } },
          success: json("The response of the service.", ref("uploadAnswer"), examples.uploadAnswer, "application/json", "*/*"),
        }),
    },
    "/openapi.json": { methods: ["GET"], access: open, handler: description },
    "/docs": { ...page, handler: apiPage },
    "/docs/swagger-ui.css": { ...page, handler: viewerStyle },
    "/docs/swagger-ui-bundle.js": { ...page, handler: viewerScript },
    "/docs/start.js": { ...page, handler: () => startScript() },
  };
  return Object.entries(table).map(([path, endpoint]) => withPolicy({ ...endpoint, path }, routes));
}

/** What a route of the configuration says of a built-in path wins. */
function withPolicy(endpoint: Endpoint, routes: GatewayConfig["routes"]): Endpoint {
  const { scopes, tiers, limits, concurrency } = policyOf(endpoint.path, routes) ?? {};
  const { access } = endpoint;
  return {
    ...endpoint,
    concurrency,
    access: { ...access, scopes: scopes ?? access?.scopes, tiers: tiers ?? access?.tiers, limits: limits ?? access?.limits },
  };
}
