import convict from "convict";

import { ConfigError } from "./config-error.ts";
import { formats } from "./formats.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { nearest } from "./nearest.ts";
import { partFaults } from "./part-faults.ts";
import { productionFaults } from "./production-faults.ts";
import { schema, type Setting, settings } from "./schema.ts";
import { readTextFile, readYamlFile } from "./yaml-file.ts";

/** Where `loadConfig()` looks. */
export interface ConfigSources {
  /** Environment variables. Default: those of the process. */
  env?: Readonly<Record<string, string | undefined>>;
  /** YAML file. Default: the variable `CONFIG_FILE`; none when that is unset too. */
  file?: string;
  /** Port that wins over file and environment, as the command-line option `--port` does. */
  port?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Loads the configuration: defaults, then the YAML file, then environment variables; the later wins.
 *
 * An empty variable counts as unset. `API_KEY_FILE` and `SECRET_KEY_FILE` name files that hold the value.
 *
 * @throws ConfigError with every fault at once: unknown keys, bad values, unreadable files, and what production refuses
 */
export function loadConfig({ env = process.env, file, port }: ConfigSources = {}): GatewayConfig {
  const variables: Variables = { ...withSecretFiles(env), ...(port !== undefined && { GATEWAY_PORT: port }) };
  const path = file ?? variables["CONFIG_FILE"];
  const document = path === undefined ? {} : asMapping(readYamlFile(path, "The configuration file"), path);
  const unknown = unknownKeys(document, "", path ?? "");
  const loaded = convict(schema, { env: variables, args: [] });
  loaded.load(unknown.length === 0 ? document : {});

  const config = loaded.getProperties();
  const faulty = settings.filter(({ key, format }) => !formats[format].accepts(loaded.get(key as never)));
  const faults = [...unknown, ...faulty.map((setting) => settingFault(setting, loaded.get(setting.key as never), variables))];
  // Faults that concern several settings are looked for only where each by itself is sound.
  if (faulty.length === 0) faults.push(...shortSecret(config), ...partFaults(config), ...productionFaults(config));
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/** Drops empty variables, and reads `X_FILE` where X is a secret. Giving both is an error, since one of them would be ignored. */
function withSecretFiles(env: Variables): Variables {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  for (const name of ["API_KEY", "SECRET_KEY"]) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined) throw new ConfigError([`${name} and ${name}_FILE are both set: unset one of them`]);
    given[name] = readTextFile(path, `The file of ${name}_FILE`).trim();
  }
  return given;
}

function asMapping(document: unknown, path: string): object {
  if (document === null) return {};
  if (typeof document === "object" && !Array.isArray(document)) return document;
  throw new ConfigError([`The configuration file ${path} must hold keys and values, such as \`server:\` and below it \`port: 8000\``]);
}

function unknownKeys(node: object, parent: string, path: string): string[] {
  return Object.entries(node).flatMap(([name, child]: [string, unknown]) => {
    const key = parent + name;
    if (settings.some((setting) => setting.key === key)) return [];
    const inside = settings.some((setting) => setting.key.startsWith(`${key}.`));
    if (inside && typeof child === "object" && child !== null && !Array.isArray(child)) return unknownKeys(child, `${key}.`, path);
    if (inside)
      return [
        `\`${key}\` in ${path} must hold further keys: ${settings.flatMap((setting) => (setting.key.startsWith(`${key}.`) ? setting.key : [])).join(", ")}`,
      ];
    const meant = nearest(
      key,
      settings.map((setting) => setting.key),
    );
    return [
      `\`${key}\` in ${path} is unknown: ${meant === undefined ? "remove it; docs/configuration.md lists the keys" : `did you mean \`${meant}\`?`}`,
    ];
  });
}

function settingFault({ key, env, format, sensitive }: Setting, value: unknown, variables: Variables): string {
  const name = variables[env] === undefined ? `\`${key}\`` : env;
  const got = sensitive ? "something else (not shown, it is a secret)" : JSON.stringify(variables[env] ?? value);
  return `${name} must be ${formats[format].expected}, got ${got}`;
}

/** HS256 needs a key as long as its digest (RFC 7518, 3.2). */
function shortSecret({ auth: { secretKey } }: GatewayConfig): string[] {
  if (secretKey.length >= 32) return [];
  return ["SECRET_KEY must have at least 32 characters (RFC 7518, 3.2): make one with `openssl rand -hex 32`"];
}
