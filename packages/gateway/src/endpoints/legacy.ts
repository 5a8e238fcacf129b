import type { Handler } from "@aivillage/middleware";
import { getRoute, type Routes } from "@aivillage/router";

/** When the paths without a version became deprecated (RFC 9745), and when they go (RFC 8594). */
const deprecation = `@${Date.UTC(2026, 10, 22) / 1_000}`;
const sunset = new Date(Date.UTC(2027, 10, 22)).toUTCString();

/** The paths of the Python gateway that this one replaces: each answers 308, which keeps method and body, with the new path. A configured route wins over them. */
export function legacyRoutes(): Routes {
  return {
    "/query": { POST: [movedTo("/query", "/v1/query")] },
    "/chat": { POST: [movedTo("/chat", "/v1/chat")] },
    "/upload": { POST: [movedTo("/upload", "/v1/upload")] },
    "/status": { GET: [movedTo("/status", "/healthz")] },
  };
}

function movedTo(from: string, to: string): Handler {
  return function movedHandler(req, res) {
    const mount = (getRoute(req) ?? from).slice(0, -from.length);
    const query = /\?.*/.exec(req.url ?? "")?.[0] ?? "";
    res.statusCode = 308;
    res.setHeader("Location", mount + to + query);
    res.setHeader("Link", `<${mount}${to}>; rel="successor-version"`);
    res.setHeader("Deprecation", deprecation);
    res.setHeader("Sunset", sunset);
    res.setHeader("Content-Length", 0);
    res.end();
  };
}
