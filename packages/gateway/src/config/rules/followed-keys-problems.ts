import type { KeyEntry } from "@aivillage/api-key-auth/keys-file";

import { isProduction } from "../settings/environment-name.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { keysFileProblems } from "./file-rules.ts";
import { keysFileBudgetProblems } from "./key-budget-problems.ts";

/** The settings that decide which keys files are accepted. */
export type KeysFileSettings = Pick<GatewayConfig["auth"], "secretKey" | "secretKeyPrevious"> &
  Pick<GatewayConfig, "environment" | "budgets">;

/** Why the gateway refuses a keys file with these entries, in addition to what is not valid without a configuration. */
export function followedKeysProblems(path: string, settings: KeysFileSettings, entries: readonly KeyEntry[]): string[] {
  return [
    ...keysFileBudgetProblems(path, settings.budgets.limits, entries),
    ...(isProduction(settings.environment) ? keysFileProblems(path, settings, entries) : []),
  ];
}
