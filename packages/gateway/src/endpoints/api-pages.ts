import { compose, fixedResponse, type Handler } from "@aivillage/middleware";
import { securityHeaders } from "@aivillage/security-headers";

import type { Surroundings } from "./endpoint.ts";
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
/** Problems are one line each: their form is the same for all statuses, and stands below under "Schemas". */
const compactProblems = '.responses-table tr:not([data-code^="2"]) :is(.model-example, .response-controls) { display: none; }\n';

/** Whether a reader may send requests from the page. */
interface PageOptions {
  readonly sendsRequests: boolean;
}

function starter({ sendsRequests }: PageOptions): string {
  const methods = sendsRequests ? "" : ", supportedSubmitMethods: []";
  return `SwaggerUIBundle({ url: new URL("openapi.json", location.href).href, dom_id: "#api", validatorUrl: null${methods} });\n`;
}

/** The OpenAPI document of the endpoints that are served. */
export function description({ endpoints, config }: Pick<Surroundings, "endpoints" | "config">): Handler {
  return fixedResponse("application/json; charset=utf-8", JSON.stringify(describeApi(endpoints, config.auth.carriers)));
}

/** The page that shows it. */
export function apiPage(): Handler {
  return viewerContent("text/html", page);
}

/** What the page runs. */
export function startScript(options: PageOptions = { sendsRequests: true }): Handler {
  return viewerContent("text/javascript", starter(options));
}

let script: Handler | undefined;
let style: Handler | undefined;

/** Read, digested and compressed once: no reload changes it. */
export function viewerScript(): Handler {
  return (script ??= viewerContent("text/javascript", readViewerFile("swagger-ui-bundle.js")));
}

export function viewerStyle(): Handler {
  return (style ??= viewerContent("text/css", `${readViewerFile("swagger-ui.css").toString()}\n${compactProblems}`));
}

/** Page, script and style come from this origin, so that its policy needs no exception for inline code. */
function viewerContent(type: string, content: string | Buffer): Handler {
  const web = securityHeaders({
    preset: "web",
    contentSecurityPolicy: { "script-src": ["'self'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"] },
  });
  return compose(web, fixedResponse(`${type}; charset=utf-8`, content));
}
