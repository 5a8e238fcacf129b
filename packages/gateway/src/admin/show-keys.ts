import type { FileSnapshot } from "@aivillage/middleware";

import { configuredKey, readFileEntries } from "../config/loader/api-keys-file.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { describeEntry } from "../state/describe-key.ts";

/**
 * Every key in force, without secret or digest.
 *
 * @param keysFile what the keys file held when it was accepted last
 */
export function showKeys({ auth }: GatewayConfig, keysFile: FileSnapshot | undefined, nowMs: number): Record<string, unknown>[] {
  const { id, name } = configuredKey(auth.apiKey);
  const ofFile = readFileEntries(auth.apiKeysFile, keysFile).map((entry) =>
    Object.assign(describeEntry(entry, nowMs), { source: "API_KEYS_FILE" }),
  );
  return [{ id, name, state: "live", source: "API_KEY" }, ...ofFile];
}
