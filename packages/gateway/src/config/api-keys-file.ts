import type { ApiKey } from "@aivillage/api-key-auth";
import { FileSnapshot } from "@aivillage/middleware";

import { ConfigError } from "./config-error.ts";
import { readText } from "./file-text.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { parseYaml } from "./yaml-file.ts";

/** One entry of the keys file. The key itself is not in it, only its SHA-256 digest. */
export interface ApiKeyEntry extends Omit<ApiKey, "secret" | "notBefore" | "expiresAt"> {
  sha256: string;
  notBefore?: string;
  expiresAt?: string;
  /** For people: when `keys create` or `keys rotate` made it. */
  createdAt?: string;
}

const known = [
  "id",
  "keyId",
  "sha256",
  "name",
  "tier",
  "scopes",
  "notBefore",
  "expiresAt",
  "addresses",
  "revoked",
  "createdAt",
] as const satisfies readonly (keyof ApiKeyEntry)[];

/**
 * All keys that open the gateway: those of the keys file, in its order, and `API_KEY`.
 *
 * @param files where the keys file was read already; by default it is read now
 * @throws ConfigError for a bad keys file
 */
export function readApiKeys(
  { apiKey, apiKeysFile }: Pick<GatewayConfig["auth"], "apiKey" | "apiKeysFile">,
  files?: FileSnapshot,
): ApiKey[] {
  return [...toApiKeys(readFileEntries(apiKeysFile, files)), { id: "default", name: "API_KEY", secret: apiKey }];
}

/** The entries of the keys file at the path; none for an empty path. @throws ConfigError for a bad one */
export function readFileEntries(path: string, files: FileSnapshot = new FileSnapshot()): ApiKeyEntry[] {
  const what = "The keys file";
  return path === "" ? [] : readKeyEntries(parseYaml(readText(files, path, what), path, what), path);
}

/** The path in `API_KEYS_FILE`, for commands that work on the keys file alone; empty for none. */
export function defaultKeysFile(): string {
  return process.env["API_KEYS_FILE"] ?? "";
}

/**
 * The entries of a keys file: a YAML mapping with the list `keys`.
 *
 * @throws ConfigError that names each entry at fault
 */
export function readKeyEntries(document: unknown, path: string): ApiKeyEntry[] {
  const { keys } = (document ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new ConfigError([`The keys file ${path} must have a list \`keys\`, see docs/keys.md`]);
  const faults = keys.flatMap((entry: unknown, index) => entryFaults(entry).map((fault) => `keys[${index}] in ${path} ${fault}`));
  if (faults.length > 0) throw new ConfigError(faults);
  return keys as ApiKeyEntry[];
}

/** What the authentication needs of the entries. */
export function toApiKeys(entries: readonly ApiKeyEntry[]): ApiKey[] {
  return entries.map((entry) => {
    const { createdAt: _, ...key } = entry;
    return key;
  });
}

function entryFaults(entry: unknown): string[] {
  if (typeof entry !== "object" || entry === null) return ["must hold `id` and `sha256`"];
  const { id, sha256 } = entry as Partial<ApiKeyEntry>;
  const unknown = Object.keys(entry).filter((name) => !known.some((each) => each === name));
  return [
    ...(isKeyOwner(id) ? [] : ["must have an `id` of letters, digits, `.`, `-` and `_`"]),
    ...(typeof sha256 === "string" && /^[0-9a-f]{64}$/i.test(sha256)
      ? []
      : ["must have `sha256`, the hex digest of the key: printf %s KEY | sha256sum"]),
    ...unknown.map((name) => `has the unknown member \`${name}\`; known: ${known.join(", ")}`),
  ];
}

/** Whether it can be the `id` of an entry, as it stands in logs. */
export function isKeyOwner(id: unknown): id is string {
  return typeof id === "string" && /^[\w.-]{1,64}$/.test(id);
}
