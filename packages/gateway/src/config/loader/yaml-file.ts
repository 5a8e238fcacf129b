import { createRequire } from "node:module";

import type * as yaml from "yaml";

import { ConfigError } from "./config-error.ts";

const require = createRequire(import.meta.url);

/** The text of a configuration file. @throws ConfigError that says where it is not valid */
export function parseYaml(text: string, path: string): unknown {
  // Many gateways are configured by variables alone: the parser is loaded for the first file.
  const { parse } = require("yaml") as typeof yaml;
  try {
    // A warning would quote the file on standard error.
    return parse(text, { logLevel: "error" }) as unknown;
  } catch (error) {
    throw new ConfigError([`The configuration file ${path} is not valid YAML: ${describeYamlError(error)}`]);
  }
}

/** Such as "duplicate key at line 3, column 5". The message of the error is not used: it may quote the file, and so a secret. */
function describeYamlError(error: unknown): string {
  const { code = "", linePos: [start] = [] } = error as Partial<yaml.YAMLError>;
  const what = code === "" ? "it cannot be resolved" : code.toLowerCase().replaceAll("_", " ");
  return start === undefined ? what : `${what} at line ${start.line}, column ${start.col}`;
}
