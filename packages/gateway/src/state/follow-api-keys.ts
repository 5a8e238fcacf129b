import { type ApiKey, KeyRing } from "@aivillage/api-key-auth";
import { FileSnapshot, followFiles } from "@aivillage/middleware";

import { isCutOff } from "../../../api-key-auth/src/keys-file/cut-off.ts";
import { readApiKeys, readFileEntries, toApiKeys } from "../config/api-keys-file.ts";
import { ConfigError } from "../config/config-error.ts";
import { isProduction } from "../config/environment-name.ts";
import { keysFileProblems } from "../config/file-rules.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";

/** Receives what becomes of a keys file that changed. */
export interface ApiKeysListener {
  /** The ring has the keys of the file now, and `API_KEY`: this many. */
  replaced(count: number): void;
  /** The file cannot be read or is not valid; the previous keys stay. */
  failed(error: Error): void;
}

/** The keys that open the gateway, as the keys file says at any time. */
export interface FollowedApiKeys {
  readonly ring: KeyRing;
  /** What the keys file held when the keys of the ring were taken from it. */
  readonly inForce: FileSnapshot;
  close(): void;
}

/** Which keys to accept. */
export type AcceptedKeys = Pick<GatewayConfig["auth"], "apiKey" | "secretKey" | "secretKeyPrevious" | "apiKeysFile"> &
  Pick<GatewayConfig, "environment">;

/** How to follow. */
export interface FollowSettings {
  /** How often the file is looked at, in milliseconds. Default 200. */
  readonly everyMs?: number;
  /** What the keys file is known to hold: it is judged as a change of that. Default: what it holds now. */
  readonly inForce?: FileSnapshot | undefined;
}

/**
 * Reads the keys and follows the keys file: a change takes effect after at most twice `everyMs`, when two reads in a row agree. Every
 * process that serves does this for itself, so that a revoked key is refused by all of them.
 *
 * @throws ConfigError for a keys file that is not valid at the start
 */
export function followApiKeys(accepted: AcceptedKeys, listener: ApiKeysListener, options: FollowSettings = {}): FollowedApiKeys {
  const { everyMs = 200, inForce: known } = options;
  const path = accepted.apiKeysFile;
  let inForce = known ?? FileSnapshot.of(path === "" ? [] : [path]);
  const ring = new KeyRing(readApiKeys(accepted, inForce));
  if (path === "") return { ring, inForce, close: () => undefined };

  function apply(found: FileSnapshot): void {
    const keys = readApiKeys(accepted, found);
    const problems = isCutOff(keysText(path, inForce), keysText(path, found)) ? [cutOff(path)] : [];
    if (isProduction(accepted.environment)) problems.push(...keysFileProblems(path, accepted, found));
    if (problems.length > 0) throw new ConfigError(problems);
    ring.replace(keys);
    inForce = found;
    listener.replaced(ring.size);
  }

  const files = followFiles({ everyMs, inForce: () => inForce, apply, onRefused: (error) => listener.failed(error) });
  return {
    ring,
    get inForce() {
      return inForce;
    },
    close: files.close,
  };
}

function keysText(path: string, files: FileSnapshot): { text: string; keys: readonly ApiKey[] } {
  return { text: files.textOf(path) ?? "", keys: toApiKeys(readFileEntries(path, files)) };
}

function cutOff(path: string): string {
  return `${path} looks cut off within its last entry: write it to its end, or add a comment line after it if it is meant`;
}
