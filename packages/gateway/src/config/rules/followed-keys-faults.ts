import type { KeyEntry } from "@aivillage/api-key-auth/keys-file";

import { isProduction } from "../settings/environment-name.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { keysFileProblems } from "./file-rules.ts";
import { keyBudgetProblems } from "./key-budget-faults.ts";

/** The settings that decide which keys files are accepted. */
export type KeysFileSettings = Pick<GatewayConfig["auth"], "secretKey" | "secretKeyPrevious"> &
  Pick<GatewayConfig, "environment" | "budgets">;

/** Why the gateway refuses a keys file with these entries, in addition to what is not valid without a configuration. */
export function followedKeysFaults(path: string, settings: KeysFileSettings, entries: readonly KeyEntry[]): string[] {
  return [
    ...keyBudgetProblems(path, settings.budgets.limits, entries),
    ...(isProduction(settings.environment) ? keysFileProblems(path, settings, entries) : []),
  ];
}
