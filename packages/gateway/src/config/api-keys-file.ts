import type { ApiKey } from "@aivillage/api-key-auth";

import { ConfigError } from "./config-error.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { readYamlFile } from "./yaml-file.ts";

/** One entry of the keys file. The key itself is not in it, only its SHA-256 digest. */
interface ApiKeyEntry {
  id: string;
  sha256: string;
  name?: string;
  tier?: string;
  scopes?: string[];
  notBefore?: string;
  expiresAt?: string;
}

const known = ["id", "sha256", "name", "tier", "scopes", "notBefore", "expiresAt"];

/** All keys that open the gateway: those of the keys file, in its order, and `API_KEY`. @throws ConfigError for a bad keys file */
export function readApiKeys({ apiKey, apiKeysFile }: GatewayConfig["auth"]): ApiKey[] {
  return [...readApiKeysFile(apiKeysFile), { id: "default", name: "API_KEY", secret: apiKey }];
}

/**
 * Reads `API_KEYS_FILE`: a YAML mapping with the list `keys`.
 *
 * @throws ConfigError that names each entry at fault
 */
function readApiKeysFile(path: string): ApiKeyEntry[] {
  if (path === "") return [];
  const document = readYamlFile(path, "The keys file") as { keys?: unknown } | null;
  const keys = document?.keys;
  if (!Array.isArray(keys)) throw new ConfigError([`The keys file ${path} must have a list \`keys\`, see docs/configuration.md`]);
  const faults = keys.flatMap((entry: unknown, index) => entryFaults(entry).map((fault) => `keys[${index}] in ${path} ${fault}`));
  if (faults.length > 0) throw new ConfigError(faults);
  return keys as ApiKeyEntry[];
}

function entryFaults(entry: unknown): string[] {
  if (typeof entry !== "object" || entry === null) return ["must hold `id` and `sha256`"];
  const { id, sha256 } = entry as Partial<ApiKeyEntry>;
  const unknown = Object.keys(entry).filter((name) => !known.includes(name));
  return [
    ...(typeof id === "string" && /^[\w.-]{1,64}$/.test(id) ? [] : ["must have an `id` of letters, digits, `.`, `-` and `_`"]),
    ...(typeof sha256 === "string" && /^[0-9a-f]{64}$/i.test(sha256)
      ? []
      : ["must have `sha256`, the hex digest of the key: printf %s KEY | sha256sum"]),
    ...unknown.map((name) => `has the unknown member \`${name}\`; known: ${known.join(", ")}`),
  ];
}
