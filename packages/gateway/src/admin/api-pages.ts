import type { Handler } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { apiPage, description, startScript, viewerScript, viewerStyle } from "../endpoints/api-pages.ts";
import { endpointsOf } from "../endpoints/endpoints.ts";
import type { AdminSource } from "./admin-source.ts";

/** The OpenAPI document of the gateway and the page that shows it, by path. The page sends no requests, since they would reach this listener. */
export function apiPages(source: Pick<AdminSource, "config">): Readonly<Record<string, Handler>> {
  return {
    "/openapi.json": documentOf(source),
    "/docs": apiPage(),
    "/docs/start.js": startScript({ sendsRequests: false }),
    "/docs/swagger-ui.css": viewerStyle(),
    "/docs/swagger-ui-bundle.js": viewerScript(),
  };
}

/** Follows the configuration. */
function documentOf(source: Pick<AdminSource, "config">): Handler {
  let made: { readonly config: GatewayConfig; readonly handler: Handler } | undefined;
  return function apiDocumentHandler(req, res, next) {
    const { config } = source;
    if (made?.config !== config) made = { config, handler: description({ config, endpoints: endpointsOf(config) }) };
    made.handler(req, res, next);
  };
}
