import { setting } from "./setting.ts";

/** Which pages of other origins may use the gateway, and how. */
export const corsSettings = {
  origins: setting(
    "CORS_ORIGINS",
    "origin-list",
    ["*"],
    "Origins whose pages may read responses, `https://*.app.example` for all below, or `*`",
  ),
  allowedHeaders: setting(
    "CORS_ALLOWED_HEADERS",
    "list",
    [],
    "Request headers that pages may send besides the usual ones: names, or `X-Tenant-*` for all that begin so",
  ),
  exposedHeaders: setting("CORS_EXPOSED_HEADERS", "list", [], "Response headers that pages may read besides the usual ones"),
  credentials: setting("CORS_CREDENTIALS", "boolean", false, "Whether pages may send cookies and other credentials of the browser"),
  maxAgeSeconds: setting("CORS_MAX_AGE", "seconds-or-none", 600, "Seconds that a browser keeps a preflight response"),
};
