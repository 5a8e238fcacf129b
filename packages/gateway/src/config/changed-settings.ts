import { isDeepStrictEqual } from "node:util";

import type { GatewayConfig } from "./settings/gateway-config.ts";
import { settings } from "./settings/schema.ts";

/** The keys of the settings whose values differ, in the order of the schema: for logs, since values may be secrets. */
export function changedSettings(before: GatewayConfig, after: GatewayConfig): string[] {
  return settings.map(({ key }) => key).filter((key) => !isDeepStrictEqual(valueOf(before, key), valueOf(after, key)));
}

function valueOf(config: GatewayConfig, key: string): unknown {
  return key.split(".").reduce<unknown>((tree, name) => (tree as Record<string, unknown>)[name], config);
}
