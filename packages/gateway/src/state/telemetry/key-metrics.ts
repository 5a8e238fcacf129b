import { expiringKeys } from "@aivillage/api-key-auth/keys-file";
import { createGauge, type Registry } from "@aivillage/metrics";

import type { ApiKeyRings } from "../api-key-rings.ts";

/** When the keys of the keys file end, for those that end soon: at most a hundred series. */
export function keyMetrics(registry: Registry, keys: Pick<ApiKeyRings, "entries">): void {
  const ends = createGauge({
    name: "gateway_key_expiry_timestamp_seconds",
    help: "When a key of the keys file ends, for keys that end within 30 days.",
    labelNames: ["key_id", "principal"],
    aggregator: "max",
    registry,
    collect: () => {
      ends.clear();
      for (const { keyId, id, expiresAtMs } of expiringKeys(keys.entries(), Date.now()))
        ends.set([keyId, `key:${id}`], expiresAtMs / 1_000);
    },
  });
}
