import { stat, statSync } from "node:fs";

import { KeyRing } from "@aivillage/api-key-auth";

import { readApiKeys } from "../config/api-keys-file.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";

/** What is told of a keys file that changed. */
export interface ApiKeysListener {
  /** The ring has the keys of the file now, and `API_KEY`: this many. */
  replaced(count: number): void;
  /** The file cannot be read or is bad; the keys stay as they were. */
  failed(error: Error): void;
}

/** The keys that open the gateway, as the keys file says at any time. */
export interface FollowedApiKeys {
  readonly ring: KeyRing;
  close(): void;
}

type Auth = Pick<GatewayConfig["auth"], "apiKey" | "apiKeysFile">;

/**
 * Reads the keys and follows the keys file: what changes there holds after at most `everyMs` and the time to read it. Every process
 * that serves does this for itself, so that a revoked key is refused by all of them.
 *
 * The file is looked at instead of waited for: this works on every file system, through links, and when the file is replaced.
 *
 * @param everyMs how often it is looked at, in milliseconds
 * @throws ConfigError for a keys file that is bad at the start
 */
export function followApiKeys(auth: Auth, listener: ApiKeysListener, everyMs = 250): FollowedApiKeys {
  const path = auth.apiKeysFile;
  // Taken before the file is read: what is written in between counts as a change.
  let seen = path === "" ? "" : versionOf(statSync(path, { bigint: true, throwIfNoEntry: false }));
  const ring = new KeyRing(readApiKeys(auth));
  if (path === "") return { ring, close: () => undefined };

  const look = (): void =>
    stat(path, { bigint: true }, (_error, stats) => {
      const version = versionOf(stats);
      if (version === seen) return;
      seen = version;
      reload(auth, ring, listener);
    });
  const timer = setInterval(look, everyMs).unref();
  return { ring, close: () => clearInterval(timer) };
}

interface FileVersion {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function versionOf(stats: FileVersion | undefined): string {
  return stats === undefined ? "missing" : [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(" ");
}

function reload(auth: Auth, ring: KeyRing, listener: ApiKeysListener): void {
  try {
    ring.replace(readApiKeys(auth));
  } catch (error) {
    return listener.failed(error as Error);
  }
  listener.replaced(ring.size);
}
