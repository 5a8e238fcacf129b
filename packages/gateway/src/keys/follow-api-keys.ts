import { type ApiKey, KeyRing } from "@aivillage/api-key-auth";

import { readApiKeys } from "../config/api-keys-file.ts";
import { ConfigError } from "../config/config-error.ts";
import { isProduction } from "../config/environment-name.ts";
import { keysFileProblems } from "../config/file-rules.ts";
import { FileSnapshot } from "../config/file-snapshot.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { SettledFiles } from "../config/settled-files.ts";

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
  close(): void;
}

type Followed = Pick<GatewayConfig["auth"], "apiKey" | "secretKey" | "secretKeyPrevious" | "apiKeysFile"> &
  Pick<GatewayConfig, "environment">;

/**
 * Reads the keys and follows the keys file: a change takes effect after at most twice `everyMs`, when two reads in a row agree. Every
 * process that serves does this for itself, so that a revoked key is refused by all of them.
 *
 * @param everyMs how often it is looked at, in milliseconds
 * @throws ConfigError for a keys file that is not valid at the start
 */
export function followApiKeys(followed: Followed, listener: ApiKeysListener, everyMs = 200): FollowedApiKeys {
  const path = followed.apiKeysFile;
  let inUse = new FileSnapshot(path === "" ? [] : [path]);
  let keys = readApiKeys(followed, inUse);
  const ring = new KeyRing(keys);
  if (path === "") return { ring, close: () => undefined };

  function replace(found: FileSnapshot): void {
    const wanted = readApiKeys(followed, found);
    const problems = isCutOff(inUse, keys, found, wanted, path) ? [cutOff(path)] : [];
    if (isProduction(followed.environment)) problems.push(...keysFileProblems(path, followed, found));
    if (problems.length > 0) throw new ConfigError(problems);
    ring.replace(wanted);
    [inUse, keys] = [found, wanted];
  }

  const files = new SettledFiles(inUse);
  let closed = false;
  const look = async (): Promise<void> => {
    const found = await files.look();
    if (closed) return;
    if (found !== undefined) report(() => replace(found), ring, listener);
    timer.refresh();
  };
  const timer = setTimeout(() => void look(), everyMs).unref();
  return {
    ring,
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** A file that loses its last bytes must not lose the end of an entry with its `revoked` or `expiresAt`. To remove whole entries is fine. */
function isCutOff(inUse: FileSnapshot, keys: readonly ApiKey[], found: FileSnapshot, wanted: readonly ApiKey[], path: string): boolean {
  const [before = "", now = ""] = [inUse.textOf(path), found.textOf(path)];
  if (!before.startsWith(now.trimEnd())) return false;
  const [last, same] = [wanted.at(-2), keys[wanted.length - 2]];
  return last !== undefined && JSON.stringify(last) !== JSON.stringify(same);
}

function cutOff(path: string): string {
  return `${path} looks cut off within its last entry: write it to its end, or add a comment line after it if it is meant`;
}

function report(replace: () => void, ring: KeyRing, listener: ApiKeysListener): void {
  try {
    replace();
  } catch (error) {
    return listener.failed(error as Error);
  }
  listener.replaced(ring.size);
}
