import { KeyRing } from "@aivillage/api-key-auth";
import { type FollowedKeysFile, followKeysFile } from "@aivillage/api-key-auth/keys-file";
import { FileSnapshot } from "@aivillage/middleware";

import { configuredKey } from "../config/loader/api-keys-file.ts";
import { followedKeysProblems, type KeysFileSettings } from "../config/rules/followed-keys-problems.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";

/** Receives what becomes of a keys file that changed. */
export interface ApiKeysListener {
  /** The keys of the file, and `API_KEY`, are in use now: this many. */
  replaced(count: number): void;
  /** The file cannot be read or is not valid; the previous keys stay. */
  failed(error: Error): void;
}

/** Which keys to accept. */
export type AcceptedKeys = Pick<GatewayConfig["auth"], "apiKey" | "apiKeysFile"> & KeysFileSettings;

/** How to follow. */
export interface FollowSettings {
  /** How often the file is looked at, in milliseconds. Default 200. */
  readonly everyMs?: number;
  /** The keys file that is in force: what it holds now is judged as a change of that. Default: what it holds now. */
  readonly inForce?: FileSnapshot | undefined;
}

/**
 * The keys that the gateway accepts: `API_KEY`, and those of the keys file as it is at any time.
 *
 * Every process that serves follows the file itself, so that all of them refuse a revoked key.
 *
 * @throws KeysFileError for a keys file that is not valid at the start
 */
export function followApiKeys(accepted: AcceptedKeys, listener: ApiKeysListener, settings: FollowSettings = {}): FollowedKeysFile {
  const { apiKey, apiKeysFile: path } = accepted;
  if (path === "") return { ring: new KeyRing([configuredKey(apiKey)]), inForce: new FileSnapshot(), close: () => undefined };
  return followKeysFile(path, {
    ...settings,
    otherKeys: [configuredKey(apiKey)],
    check: (entries) => followedKeysProblems(path, accepted, entries),
    onReplaced: (count) => listener.replaced(count),
    onRefused: (error) => listener.failed(error),
  });
}
