import convict from "convict";

import { ConfigError } from "./config-error.ts";
import { configFiles, overlayPath } from "./config-files.ts";
import { readVariables, secretFiles, type Variables } from "./environment.ts";
import { type Format, formats } from "./formats.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { nearest } from "./nearest.ts";
import { partFaults } from "./part-faults.ts";
import { productionFaults } from "./production-faults.ts";
import { routeFaults } from "./route-faults.ts";
import { schema, type Setting, settings } from "./schema.ts";
import type { StructuredFormat } from "./structured.ts";
import { tierFaults } from "./tier-config.ts";
import { readYamlFile } from "./yaml-file.ts";

/** Where `loadConfig()` looks. */
export interface ConfigSources {
  /** Environment variables. Default: those of the process. */
  env?: Readonly<Record<string, string | undefined>>;
  /** YAML file. Default: the variable `CONFIG_FILE`; none when that is unset too. */
  file?: string;
  /** Port that wins over file and environment, as the command-line option `--port` does. */
  port?: string;
}

/**
 * Loads the configuration: defaults, then the YAML file, then the file beside it for this environment, then environment
 * variables; the later wins.
 *
 * An empty variable counts as unset. `API_KEY_FILE` and `SECRET_KEY_FILE` name files that hold the value.
 *
 * @throws ConfigError with every fault at once: unknown keys, bad values, unreadable files, and what production refuses
 */
export function loadConfig({ env = process.env, file, port }: ConfigSources = {}): GatewayConfig {
  const variables: Variables = { ...readVariables(env), ...(port !== undefined && { GATEWAY_PORT: port }) };
  const files = configFiles(file ?? variables["CONFIG_FILE"], variables["ENVIRONMENT"]);
  const documents = files.map((path) => asMapping(readYamlFile(path, "The configuration file"), path));
  const unknown = documents.flatMap((document, index) => unknownKeys(document, "", files[index] ?? ""));
  const loaded = convict(schema, { env: variables, args: [] });
  if (unknown.length === 0) for (const document of documents) loaded.load(document);

  const config = loaded.getProperties();
  const faults = settings.flatMap((setting) => settingFaults(setting, loaded.get(setting.key as never), variables));
  // Faults that concern several settings are looked for only where each by itself is sound.
  if (faults.length === 0) faults.push(...severalFaults(config));
  if (unknown.length + faults.length > 0) throw new ConfigError([...unknown, ...faults]);
  return config;
}

/** The files that a configuration came from, and those that would count if they were there. The keys file is followed by itself. */
export function sourceFiles({ env = process.env, file }: ConfigSources = {}): string[] {
  const variables = readVariables(env);
  const path = file ?? variables["CONFIG_FILE"];
  if (path === undefined) return secretFiles(env);
  const { environment } = loadConfig({ env, file: path });
  return [path, overlayPath(path, environment), ...secretFiles(env)];
}

function asMapping(document: unknown, path: string): object {
  if (document === null) return {};
  if (isMapping(document)) return document;
  throw new ConfigError([`The configuration file ${path} must hold keys and values, such as \`server:\` and below it \`port: 8000\``]);
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownKeys(node: object, parent: string, path: string): string[] {
  return Object.entries(node).flatMap(([name, child]: [string, unknown]) => {
    const key = parent + name;
    const leaf = settings.find((setting) => setting.key === key);
    if (leaf !== undefined)
      return isMapping(child) ? [`\`${key}\` in ${path} must be ${formats[leaf.format].expected}, got a mapping`] : [];
    const inside = settings.some((setting) => setting.key.startsWith(`${key}.`));
    if (inside && isMapping(child)) return unknownKeys(child, `${key}.`, path);
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

function settingFaults({ key, env, format, sensitive }: Setting, value: unknown, variables: Variables): string[] {
  const { expected, accepts, faults }: Format & Partial<StructuredFormat> = formats[format];
  if (accepts(value)) return [];
  if (faults !== undefined) return faults(value).map((fault) => `\`${key}\`${fault}`);
  const given = env === undefined ? undefined : variables[env];
  const shown = JSON.stringify(given ?? value);
  // Where a URL is expected, `@` and `?` are what comes after a password and before a token.
  const got = sensitive || /[@?]/.test(shown) ? "something else (not shown, it may hold a secret)" : shown;
  return [`${given === undefined ? `\`${key}\`` : env} must be ${expected}, got ${got}`];
}

function severalFaults(config: GatewayConfig): string[] {
  return [
    ...shortSecret(config),
    ...tierFaults(config.rateLimit.tiers),
    ...routeFaults(config),
    ...partFaults(config),
    ...productionFaults(config),
  ];
}

/** HS256 needs a key as long as its digest (RFC 7518, 3.2). */
function shortSecret({ auth: { secretKey } }: GatewayConfig): string[] {
  if (secretKey.length >= 32) return [];
  return ["SECRET_KEY must have at least 32 characters (RFC 7518, 3.2): make one with `openssl rand -hex 32`"];
}
