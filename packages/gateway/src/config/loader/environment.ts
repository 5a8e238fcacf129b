import { type FileSnapshot, nearest } from "@aivillage/middleware";

import { settings } from "../settings/schema.ts";
import { ConfigError } from "./config-error.ts";
import { readText } from "./file-text.ts";
import type { SourceFile } from "./source-files.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

const secrets = ["API_KEY", "SECRET_KEY", "SECRET_KEY_PREVIOUS", "REDIS_URL", "AUDIT_KEY"] as const;

/** Every variable that the gateway reads. */
const variableNames: readonly string[] = [
  ...settings.flatMap(({ env }) => env ?? []),
  ...secrets.map((name) => `${name}_FILE`),
  "CONFIG_FILE",
];

/**
 * Drops empty variables, and reads `X_FILE` where X is a secret.
 *
 * @throws ConfigError when both are given, since one of them would be ignored, and for an empty file
 */
export function readVariables(env: Variables, files: FileSnapshot): Variables {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  for (const name of secrets) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined) throw new ConfigError([`${name} and ${name}_FILE are both set: unset one of them`]);
    const value = readText(files, path, `The file of ${name}_FILE`).trim();
    if (value === "") throw new ConfigError([`The file of ${name}_FILE ${path} is empty: write the value into it`]);
    given[name] = value;
  }
  return given;
}

/** The files that hold a secret each. */
export function secretFiles(env: Variables): SourceFile[] {
  return secrets.flatMap((name) => {
    const path = env[`${name}_FILE`] ?? "";
    return path === "" ? [] : [{ path, what: `The file of ${name}_FILE`, holdsSecrets: true }];
  });
}

/**
 * Variables that are none of the gateway's but look like a slip in one that is not set, such as `RATE_LIMT_WINDOW`.
 *
 * They are reported, not refused: an environment has variables of many programs.
 */
export function lookAlikes(env: Variables = process.env): string[] {
  const unset = variableNames.filter((name) => env[name] === undefined);
  return Object.keys(env).flatMap((name) => {
    if (!/^[A-Z][A-Z0-9_]{4,}$/.test(name) || variableNames.includes(name)) return [];
    const meant = nearest(name, unset, 2);
    return meant === undefined ? [] : [`The variable ${name} is unknown and ignored: did you mean ${meant}?`];
  });
}

/** Whether a variable is set that one process of the gateway gives another. */
export function isMarked(name: string, env: Variables = process.env): boolean {
  return env[name] !== undefined;
}
