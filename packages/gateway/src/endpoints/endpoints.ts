import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { builtInEndpoints } from "./built-in.ts";
import { configuredEndpoints } from "./configured.ts";
import type { Endpoint } from "./endpoint.ts";
import { movedEndpoints } from "./legacy.ts";

/** The table of everything that the gateway serves by this configuration. */
export function endpointsOf(config: GatewayConfig): readonly Endpoint[] {
  const builtIn = builtInEndpoints(config);
  const configured = configuredEndpoints(config);
  const taken = new Set(configured.flatMap(({ path, host }) => (host === undefined ? path : [])));
  const moved = config.features.legacyPaths ? movedEndpoints(builtIn) : [];
  return [...[...builtIn.filter(({ isEnabled = true }) => isEnabled), ...moved].filter(({ path }) => !taken.has(path)), ...configured];
}
