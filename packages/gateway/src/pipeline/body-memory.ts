import { bodyMemory } from "@aivillage/http-server";
import type { Handler } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import { toBytes } from "../config/settings/route-input.ts";
import { limitKeys } from "../state/client-key.ts";
import type { Input } from "./input.ts";

interface ReadingEndpoint {
  readonly input?: Input;
  readonly route?: Pick<RouteConfig, "ai" | "maxBodyBytes">;
}

/** Limits the memory of bodies that are read as a whole: JSON that is checked, and calls of models. Mount it after authentication. */
export function bodyMemoryPart({ input: general }: Pick<GatewayConfig, "input">): (endpoint: ReadingEndpoint) => Handler[] {
  if (general.maxBodyMemory === 0) return () => [];
  const memory = bodyMemory({ maxBytes: general.maxBodyMemory, client: limitKeys.principal });
  return ({ input = {}, route }) => {
    const isRead = typeof input.body === "object" || (input.body === "stream" && route?.ai !== undefined);
    return isRead ? [memory(toBytes(input.maxBodyBytes ?? general.maxBodyBytes))] : [];
  };
}
