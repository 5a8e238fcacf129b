import { ConfigError } from "./config-error.ts";
import { nearest } from "./nearest.ts";
import { settings } from "./schema.ts";
import { readTextFile } from "./yaml-file.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

const secrets = ["API_KEY", "SECRET_KEY"] as const;

/** Every variable that the gateway reads. */
const variableNames: readonly string[] = [
  ...settings.flatMap(({ env }) => env ?? []),
  ...secrets.map((name) => `${name}_FILE`),
  "CONFIG_FILE",
];

/**
 * Drops empty variables, and reads `X_FILE` where X is a secret.
 *
 * @throws ConfigError when both are given, since one of them would be ignored
 */
export function readVariables(env: Variables): Variables {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  for (const name of secrets) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined) throw new ConfigError([`${name} and ${name}_FILE are both set: unset one of them`]);
    given[name] = readTextFile(path, `The file of ${name}_FILE`).trim();
  }
  return given;
}

/** The files that hold a secret each. */
export function secretFiles(env: Variables): string[] {
  return secrets.flatMap((name) => env[`${name}_FILE`] ?? []).filter((path) => path !== "");
}

/**
 * Variables that are none of the gateway's but look like a slip in one that is not set, such as `RATE_LIMT_WINDOW`.
 *
 * They are told, not refused: an environment has variables of many programs.
 */
export function lookAlikes(env: Variables = process.env): string[] {
  const unset = variableNames.filter((name) => env[name] === undefined);
  return Object.keys(env).flatMap((name) => {
    if (!/^[A-Z][A-Z0-9_]{4,}$/.test(name) || variableNames.includes(name)) return [];
    const meant = nearest(name, unset, 2);
    return meant === undefined ? [] : [`The variable ${name} is unknown and ignored: did you mean ${meant}?`];
  });
}
