import type { Handler } from "@aivillage/middleware";
import cors from "cors";

import type { GatewayConfig } from "../config/gateway-config.ts";

/** Answer headers that a page of another origin may read. */
const exposedHeaders = [
  "X-Request-Id",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
];

/** CORS for the configured origins. No credentials: keys come in a header that a page sets itself, never in cookies. */
export function corsPart({ cors: { origins }, routes }: GatewayConfig): Handler {
  return cors({
    origin: origins.includes("*") ? "*" : origins,
    methods: [...new Set(["GET", "HEAD", "POST", ...routes.flatMap(({ methods = [] }) => methods)])],
    allowedHeaders: ["Authorization", "Content-Type", "X-Request-Id", "traceparent", "tracestate", "Idempotency-Key"],
    exposedHeaders,
    credentials: false,
    maxAge: 600,
  });
}
