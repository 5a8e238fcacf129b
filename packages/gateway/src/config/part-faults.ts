import { KeyRing } from "@aivillage/api-key-auth";
import { clientIp } from "@aivillage/client-ip";

import { addressList } from "../parts/address-list.ts";
import { readApiKeys } from "./api-keys-file.ts";
import { ConfigError } from "./config-error.ts";
import type { GatewayConfig } from "./gateway-config.ts";

/** What only the packages can tell of a setting. They are asked here, so that `check-config` refuses what `start` would. */
export function partFaults({ server, auth, rateLimit, metrics }: GatewayConfig): string[] {
  return [
    ...faultsOf("TRUSTED_PROXIES", () => clientIp({ trustedProxies: server.trustedProxies })),
    ...faultsOf("RATE_LIMIT_ALLOW", () => addressList(rateLimit.allow)),
    ...faultsOf("METRICS_ALLOW", () => addressList(metrics.allow)),
    ...faultsOf(`API_KEYS_FILE ${auth.apiKeysFile}`, () => new KeyRing(readApiKeys(auth))),
  ];
}

function faultsOf(name: string, make: () => unknown): readonly string[] {
  try {
    make();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    return [`${name}: ${(error as Error).message.replace(/^@aivillage\/[\w-]+: /, "")}`];
  }
}
