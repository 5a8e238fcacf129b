import { createRequire } from "node:module";

import { optionReason } from "@aivillage/middleware";
import type * as yaml from "yaml";

import { readKeys } from "../keys/key-ring.ts";
import { isClientId, type KeyEntry, toApiKeys } from "./key-entry.ts";
import { KeysFileError } from "./keys-file-error.ts";

// A bundler that writes CommonJS leaves no URL.
const require = createRequire(import.meta.url ?? __filename);

const members = [
  "id",
  "keyId",
  "sha256",
  "name",
  "tier",
  "tenant",
  "budgets",
  "scopes",
  "notBefore",
  "expiresAt",
  "addresses",
  "revoked",
  "createdAt",
] as const satisfies readonly (keyof KeyEntry)[];

/**
 * The entries of a keys file, which is a YAML mapping with the list `keys`. Their form is checked; `KeyRing` checks their values.
 *
 * @param path names the file in errors
 * @throws KeysFileError that names every wrong entry
 */
export function parseKeysFile(text: string, path: string): KeyEntry[] {
  // Many programs have no keys file: the parser is loaded for the first one.
  const { parse } = require("yaml") as typeof yaml;
  let document: unknown;
  try {
    // A warning would quote the file on standard error.
    document = parse(text, { logLevel: "error" });
  } catch (error) {
    throw yamlError(error, path);
  }
  return readKeyEntries(document, path);
}

/** The entries of a parsed keys file. @throws KeysFileError that names every wrong entry */
export function readKeyEntries(document: unknown, path: string): KeyEntry[] {
  const { keys } = (document ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new KeysFileError("invalid", [`The keys file ${path} must have a list \`keys\``]);
  const problems = keys.flatMap((entry: unknown, index) => entryProblems(entry).map((problem) => `keys[${index}] in ${path} ${problem}`));
  if (problems.length > 0) throw new KeysFileError("invalid", problems);
  return keys as KeyEntry[];
}

/** Checks the values of entries as a server does. @throws KeysFileError that names the first wrong one */
export function assertAccepted(entries: readonly KeyEntry[], path: string): void {
  try {
    readKeys(toApiKeys(entries));
  } catch (error) {
    throw new KeysFileError("invalid", [`${path}: ${optionReason(error)}`]);
  }
}

/** Such as "duplicate key at line 3, column 5". The message of the error is not used: it may quote the file, and so a secret. */
export function yamlError(error: unknown, path: string): KeysFileError {
  const { code = "", linePos: [start] = [] } = error as Partial<yaml.YAMLError>;
  const what = code === "" ? "it cannot be resolved" : code.toLowerCase().replaceAll("_", " ");
  const position = start === undefined ? "" : ` at line ${start.line}, column ${start.col}`;
  return new KeysFileError("invalid", [`The keys file ${path} is not valid YAML: ${what}${position}`]);
}

function entryProblems(entry: unknown): string[] {
  if (typeof entry !== "object" || entry === null) return ["must hold `id` and `sha256`"];
  const { id, sha256 } = entry as Partial<KeyEntry>;
  const unknown = Object.keys(entry).filter((name) => !members.some((each) => each === name));
  const hasDigest = typeof sha256 === "string" && /^[0-9a-f]{64}$/i.test(sha256);
  return [
    ...(isClientId(id) ? [] : ["must have an `id` of 1 to 64 letters, digits, `.`, `-` and `_`"]),
    ...(hasDigest ? [] : ["must have `sha256`, the hex digest of the key: printf %s KEY | sha256sum"]),
    ...unknown.map((name) => `has the unknown member \`${name}\`; known members: ${members.join(", ")}`),
  ];
}
