import type { ApiKey } from "@aivillage/api-key-auth";
import { type KeyEntry, KeysFileError, parseKeysFile, toApiKeys } from "@aivillage/api-key-auth/keys-file";
import { FileSnapshot } from "@aivillage/middleware";

import type { GatewayConfig } from "../settings/gateway-config.ts";
import { ConfigError } from "./config-error.ts";
import { readText } from "./file-text.ts";

/**
 * All keys that the gateway accepts: those of the keys file, in its order, and `API_KEY`.
 *
 * @param files where the keys file was read already; by default it is read now
 * @throws ConfigError for a keys file that is not valid
 */
export function readApiKeys(
  { apiKey, apiKeysFile }: Pick<GatewayConfig["auth"], "apiKey" | "apiKeysFile">,
  files?: FileSnapshot,
): ApiKey[] {
  return [...toApiKeys(readFileEntries(apiKeysFile, files)), configuredKey(apiKey)];
}

/** The key of `API_KEY`. */
export function configuredKey(apiKey: string): ApiKey {
  return { id: "default", name: "API_KEY", secret: apiKey };
}

/** The entries of the keys file at the path; none for an empty path. @throws ConfigError for a file that is not valid */
export function readFileEntries(path: string, files: FileSnapshot = new FileSnapshot()): KeyEntry[] {
  if (path === "") return [];
  const text = readText(files, path, "The keys file");
  try {
    return parseKeysFile(text, path);
  } catch (error) {
    throw error instanceof KeysFileError ? new ConfigError(error.problems) : error;
  }
}

/** The path in `API_KEYS_FILE`, for commands that need the keys file alone; empty for none. */
export function defaultKeysFile(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env["API_KEYS_FILE"] ?? "";
}
