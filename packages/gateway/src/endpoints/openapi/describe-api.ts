import type { GatewayConfig } from "../../config/gateway-config.ts";
import { version } from "../../version.ts";
import { builtInPaths } from "../built-in.ts";
import { configuredPaths } from "./configured-operation.ts";
import { components } from "./schemas.ts";

/** The OpenAPI 3.1 document of a gateway, made from the schemas that its routes check by. */
export function describeApi(config: GatewayConfig): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "AIVillage Gateway",
      version,
      description: "The gateway in front of the twin, the agent controller and the knowledge system.",
    },
    servers: [{ url: "./" }],
    paths: { ...builtInPaths(config), ...configuredPaths(config.routes) },
    components: {
      schemas: components,
      securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key or a signed JSON Web Token." } },
    },
  };
}
