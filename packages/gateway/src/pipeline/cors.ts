import { recordHeaders } from "@aivillage/http-server";
import { FieldBlock, type Handler } from "@aivillage/middleware";
import cors from "cors";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";

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

/**
 * CORS for the configured origins. No credentials: keys come in a header that a page sets itself, never in cookies.
 *
 * What the library answers to a request that is no preflight depends on the origin alone, so it is asked once for each of them.
 */
export function corsPart({ cors: { origins }, routes }: GatewayConfig): Handler {
  const isOpen = origins.includes("*");
  const answer = cors({
    origin: isOpen ? "*" : origins,
    methods: [...new Set(["GET", "HEAD", "POST", ...routes.flatMap(({ methods = [] }) => methods)])],
    allowedHeaders: ["Authorization", "Content-Type", "X-Request-Id", "traceparent", "tracestate", "Idempotency-Key"],
    exposedHeaders,
    credentials: false,
    maxAge: 600,
  });
  const fieldsFor = (origin: string | undefined): FieldBlock =>
    new FieldBlock(Object.entries(recordHeaders(answer, origin === undefined ? {} : { origin })));
  const known = new Map([undefined, ...origins].map((origin) => [origin, fieldsFor(origin)]));

  return function corsHandler(req, res, next) {
    const fields = known.get(isOpen ? undefined : req.headers.origin);
    // It adds to a `Vary` of the app that the gateway is mounted in.
    if (fields === undefined || req.method === "OPTIONS" || res.hasHeader("Vary")) return answer(req, res, next);
    fields.setOn(res);
    next();
  };
}
