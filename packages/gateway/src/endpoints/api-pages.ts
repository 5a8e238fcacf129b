import { compose, type Handler } from "@aivillage/middleware";
import { securityHeaders } from "@aivillage/security-headers";

import { isProduction } from "../config/environment-name.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { fixedAnswer } from "./fixed-response.ts";
import { describeApi } from "./openapi/describe-api.ts";
import { readViewerFile } from "./openapi/viewer-files.ts";

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>AIVillage Gateway: API</title>
    <link rel="stylesheet" href="docs/swagger-ui.css" />
  </head>
  <body>
    <div id="api"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;
const startScript = `SwaggerUIBundle({ url: new URL("openapi.json", location.href).href, dom_id: "#api", validatorUrl: null });\n`;

/** What tells people and programs of the API. */
export interface ApiPages {
  /** The OpenAPI document. */
  readonly description: Handler;
  /** The page that shows it; `undefined` in production. */
  readonly page: Handler | undefined;
  /** What the page loads. */
  readonly assets: Readonly<Record<string, Handler>>;
}

/** Page, script and style come from this origin, so that its policy needs no exception for inline code. */
export function apiPages(config: GatewayConfig): ApiPages {
  const description = fixedAnswer("application/json; charset=utf-8", JSON.stringify(describeApi(config)));
  if (isProduction(config.environment)) return { description, page: undefined, assets: {} };
  const web = securityHeaders({
    preset: "web",
    contentSecurityPolicy: { "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"] },
  });
  const file = (type: string, content: string | Buffer): Handler => compose(web, fixedAnswer(`${type}; charset=utf-8`, content));
  return {
    description,
    page: file("text/html", page),
    assets: {
      "/docs/swagger-ui.css": file("text/css", readViewerFile("swagger-ui.css")),
      "/docs/swagger-ui-bundle.js": file("text/javascript", readViewerFile("swagger-ui-bundle.js")),
      "/docs/start.js": file("text/javascript", startScript),
    },
  };
}
