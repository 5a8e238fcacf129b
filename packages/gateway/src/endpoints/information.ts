import type { Handler } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/gateway-config.ts";
import { version } from "../version.ts";

/** The answer of `/`: what this is and where its endpoints are. Made once. */
export function informationPart({ environment, features }: GatewayConfig): Handler {
  const body = JSON.stringify({
    name: "AIVillage Gateway",
    version,
    environment,
    status: "running",
    endpoints: {
      health: "/healthz",
      query: "/v1/query",
      chat: "/v1/chat",
      ...(features.fileUpload && { upload: "/v1/upload" }),
      ...(features.metrics && { metrics: "/metrics" }),
    },
  });
  const length = Buffer.byteLength(body);

  return function informationHandler(_req, res) {
    res.setHeader("Content-Type", "application/json; charset=utf-8");
    res.setHeader("Content-Length", length);
    res.end(body);
  };
}
