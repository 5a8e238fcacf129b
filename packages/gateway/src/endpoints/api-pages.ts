import { compose, type Handler } from "@aivillage/middleware";
import { securityHeaders } from "@aivillage/security-headers";

import type { Surroundings } from "./endpoint.ts";
import { fixedResponse } from "./fixed-response.ts";
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
const script = `SwaggerUIBundle({ url: new URL("openapi.json", location.href).href, dom_id: "#api", validatorUrl: null });\n`;

/** The OpenAPI document of the endpoints that are served. */
export function description({ endpoints, config }: Surroundings): Handler {
  return fixedResponse("application/json; charset=utf-8", JSON.stringify(describeApi(endpoints, config.auth.carriers)));
}

/** The page that shows it. */
export function apiPage(): Handler {
  return viewerContent("text/html", page);
}

/** What the page runs. */
export function startScript(): Handler {
  return viewerContent("text/javascript", script);
}

/** A file that the page loads. */
export function viewerFile(type: string, name: Parameters<typeof readViewerFile>[0]): Handler {
  return viewerContent(type, readViewerFile(name));
}

/** Page, script and style come from this origin, so that its policy needs no exception for inline code. */
function viewerContent(type: string, content: string | Buffer): Handler {
  const web = securityHeaders({
    preset: "web",
    contentSecurityPolicy: { "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"] },
  });
  return compose(web, fixedResponse(`${type}; charset=utf-8`, content));
}
