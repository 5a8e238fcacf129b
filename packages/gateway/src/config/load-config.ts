import { defined, FileSnapshot, nearest } from "@aivillage/middleware";
import convict from "convict";

import { assertConfig, combinedProblems, settingProblems } from "./check-config.ts";
import { ConfigError } from "./loader/config-error.ts";
import { type ConfigDocument, isMapping, readConfigFiles } from "./loader/config-files.ts";
import { readVariables, secretFiles, type Variables } from "./loader/environment.ts";
import { setOrigin, type SourceFile, type ValueSource } from "./loader/source-files.ts";
import { certificateFiles } from "./loader/target-files.ts";
import { foreignName } from "./settings/foreign-names.ts";
import { formats } from "./settings/formats.ts";
import { renewKeys } from "./settings/former-keys.ts";
import type { GatewayConfig } from "./settings/gateway-config.ts";
import { nameRoutes } from "./settings/route-name.ts";
import { schema, settings } from "./settings/schema.ts";
import { valueAt } from "./settings/value-at.ts";

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
 * An empty variable counts as unset. `API_KEY_FILE` and `SECRET_KEY_FILE` name files that hold the value. `NODE_ENV=production` makes
 * `production` the default of `ENVIRONMENT`.
 *
 * @throws ConfigError with every problem at once: unknown keys, bad values, unreadable and empty files, and what production refuses
 */
export function loadConfig(sources: ConfigSources = {}): GatewayConfig {
  const { config, unknown, problems, documents } = readConfig(sources, new FileSnapshot());
  const empty = documents.filter(({ isBlank }) => isBlank).map(({ path }) => `${path} is empty: write its settings, or remove the file`);
  if (empty.length > 0) throw new ConfigError(empty);
  if (unknown.length === 0 && problems.length === 0) assertConfig(config);
  // Problems between settings are looked for only where each by itself is valid.
  else throw new ConfigError([...unknown, ...(problems.length > 0 ? problems : combinedProblems(config))]);
  return config;
}

/** A configuration as its sources give it, each setting checked by itself. */
export interface ReadConfig {
  readonly config: GatewayConfig;
  /** Keys of the files that are no settings. */
  readonly unknown: readonly string[];
  readonly problems: readonly string[];
  readonly documents: readonly ConfigDocument[];
}

/**
 * Reads the sources without the checks that concern several settings or production.
 *
 * @param files keeps what was read
 * @param environment whose file counts beside the main one. Default: what the sources say
 * @throws ConfigError for a file that cannot be read
 */
export function readConfig({ env = process.env, file, port }: ConfigSources, files: FileSnapshot, environment?: string): ReadConfig {
  const variables: Variables = { ...readVariables(env, files), ...(port !== undefined && { GATEWAY_PORT: port }) };
  const path = configFile({ env: variables, ...defined({ file }) });
  const fallback = variables["NODE_ENV"] === "production" ? "production" : "development";
  const documents = path === undefined ? [] : readConfigFiles(path, environment ?? variables["ENVIRONMENT"], fallback, files);
  const unknown = documents.flatMap((each) => unknownKeys(each.document ?? {}, "", each.path));
  const loaded = convict(schema, { env: variables, args: [] });
  loaded.load({ environment: fallback });
  // Beside unknown keys the rest counts: its own problems are reported too, and none that only its absence would cause.
  for (const { document = {} } of documents) loaded.load(unknown.length === 0 ? document : knownPart(document));

  const config = loaded.getProperties();
  const problems = settings.flatMap((setting) => settingProblems(setting, loaded.get(setting.key as never), variables));
  if (problems.length === 0) config.routes = nameRoutes(config.routes.map(renewKeys));
  const certificates = problems.length === 0 ? certificateFiles(config) : [];
  // So that a change of one of them is noticed.
  for (const certificate of certificates) files.look(certificate.path);
  setOrigin(config, {
    files: [...documents.map(describeFile), ...secretFiles(variables), ...certificates],
    snapshot: files,
    values: valueSources(documents, variables, port !== undefined),
  });
  return { config, unknown, problems, documents };
}

/** Where the YAML file is; `undefined` for none. */
export function configFile({ env: variables = process.env, file }: ConfigSources): string | undefined {
  const named = variables["CONFIG_FILE"];
  return file ?? (named === "" ? undefined : named);
}

/** Which source has the last word on each setting, of those that a source sets. */
function valueSources(documents: readonly ConfigDocument[], variables: Variables, hasPort: boolean): ReadonlyMap<string, ValueSource> {
  const sources = new Map<string, ValueSource>();
  for (const { key, env } of settings) {
    if (documents.some(({ document = {} }) => valueAt(document, key) !== undefined)) sources.set(key, "file");
    if (env !== undefined && variables[env] !== undefined) sources.set(key, "environment");
  }
  if (hasPort) sources.set("server.port", "command line");
  return sources;
}

function describeFile({ path, document }: ConfigDocument): SourceFile {
  const { auth, rateLimit, audit } = (document ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const secrets = [auth?.["apiKey"], auth?.["secretKey"], auth?.["secretKeyPrevious"], rateLimit?.["redisUrl"], audit?.["key"]];
  const holdsSecrets = secrets.some((secret) => secret !== undefined);
  return { path, what: "The configuration file", holdsSecrets };
}

/** Keys that hold further keys, such as `server` and `auth.jwt`. */
const groups = [...new Set(settings.flatMap(({ key }) => [...key.matchAll(/\./g)].map(({ index }) => key.slice(0, index))))];

function unknownKeys(node: object, parent: string, path: string): string[] {
  return Object.entries(node).flatMap(([name, child]: [string, unknown]) => {
    const key = parent + name;
    const leaf = settings.find((setting) => setting.key === key);
    if (leaf !== undefined)
      return isMapping(child) ? [`\`${key}\` in ${path} must be ${formats[leaf.format].expected}, got a mapping`] : [];
    const inside = settings.filter((setting) => setting.key.startsWith(`${key}.`)).map((setting) => setting.key);
    if (inside.length > 0 && isMapping(child)) return unknownKeys(child, `${key}.`, path);
    if (inside.length > 0) return [`\`${key}\` in ${path} must hold further keys: ${inside.join(", ")}`];
    return [`\`${key}\` in ${path} is unknown: ${remedyFor(name, parent)}`];
  });
}

/** What a document says of settings, without the keys that are none. */
function knownPart(node: object, parent = ""): object {
  const entries = Object.entries(node).flatMap(([name, child]: [string, unknown]): [string, unknown][] => {
    const key = parent + name;
    if (groups.includes(key)) return isMapping(child) ? [[name, knownPart(child, `${key}.`)]] : [];
    return settings.some((setting) => setting.key === key) && !isMapping(child) ? [[name, child]] : [];
  });
  return Object.fromEntries(entries);
}

function remedyFor(name: string, parent: string): string {
  const known = [...settings.map(({ key }) => key), ...groups];
  const beside = known.filter((key) => key.startsWith(parent)).map((key) => key.slice(parent.length));
  const foreign = foreignName(name, beside);
  const meant = foreign === undefined ? nearest(parent + name, known) : parent + foreign;
  if (meant !== undefined) return `did you mean \`${meant}\`?`;
  return parent === "services." ? "a service of your own is the `upstream` of an entry of `routes`" : "remove it";
}
