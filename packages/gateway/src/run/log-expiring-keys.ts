import { warnOfExpiringKeys } from "@aivillage/api-key-auth/keys-file";

import { validEntries } from "../config/rules/file-rules.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

const remedy = "run `aivillage-gateway keys rotate KEY_ID`, and give the client its new key";

/** Logs keys of the keys file that end within 14 days, now and then once a day for each. */
export function logExpiringKeys(source: { readonly config: GatewayConfig }, logger: GatewayLogger): () => void {
  return warnOfExpiringKeys({
    entries: () => validEntries(source.config.auth.apiKeysFile),
    warn: ({ keyId, id, expiresAtMs, daysLeft }) => {
      const expiresAt = new Date(expiresAtMs).toISOString();
      logger.warn({ key_id: keyId, principal: `key:${id}`, expires_at: expiresAt, days_left: daysLeft, remedy }, "key expires soon");
    },
  });
}
