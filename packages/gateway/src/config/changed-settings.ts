import { isDeepStrictEqual } from "node:util";

import type { GatewayConfig } from "./settings/gateway-config.ts";
import { settings } from "./settings/schema.ts";
import { valueAt } from "./settings/value-at.ts";

/** The keys of the settings whose values differ, in the order of the schema: for logs, since values may be secrets. */
export function changedSettings(before: GatewayConfig, after: GatewayConfig): string[] {
  return settings.map(({ key }) => key).filter((key) => !isDeepStrictEqual(valueAt(before, key), valueAt(after, key)));
}
