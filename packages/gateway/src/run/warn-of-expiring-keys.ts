import { type ExpiringKey, expiringKeys } from "@aivillage/api-key-auth/keys-file";

import { validEntries } from "../config/rules/file-rules.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

const dayMs = 86_400_000;
/** A key that is made with a short life is reported on the day it is made. */
const lookEveryMs = 3_600_000;
const warnDays = 14;
const remedy = "run `aivillage-gateway keys rotate KEY_ID`, and give the client its new key";

/** Warns of keys that end within 14 days, now and then once a day for each. Its timer keeps no process alive. */
export function warnOfExpiringKeys(source: { readonly config: GatewayConfig }, logger: GatewayLogger): () => void {
  const warn = expiryWarnings(logger);
  const look = (): void => {
    const nowMs = Date.now();
    warn(expiringKeys(validEntries(source.config.auth.apiKeysFile), nowMs), nowMs);
  };
  look();
  const timer = setInterval(look, lookEveryMs).unref();
  return () => clearInterval(timer);
}

/** Makes what warns of each of these keys, unless it has within a day. */
export function expiryWarnings(logger: GatewayLogger): (keys: readonly ExpiringKey[], nowMs: number) => void {
  let warned = new Map<string, number>();
  return (keys, nowMs) => {
    const near = keys.filter(({ expiresAtMs }) => expiresAtMs <= nowMs + warnDays * dayMs);
    const known = warned;
    warned = new Map();
    for (const { keyId, id, expiresAtMs } of near) {
      const name = `${keyId} ${id}`;
      const lastMs = known.get(name) ?? -Infinity;
      const isDue = nowMs - lastMs >= dayMs;
      warned.set(name, isDue ? nowMs : lastMs);
      if (!isDue) continue;
      const line = { key_id: keyId, principal: id, expires_at: new Date(expiresAtMs).toISOString(), days_left: days(expiresAtMs - nowMs) };
      logger.warn({ ...line, remedy }, "key expires soon");
    }
  };
}

const days = (ms: number): number => Math.floor(ms / dayMs);
