import { createRequire } from "node:module";

import type * as yaml from "yaml";

import { ConfigError } from "./config-error.ts";

const require = createRequire(import.meta.url);

/** @throws ConfigError when the text is no YAML; says what to do */
export function parseYaml(text: string, path: string, what: string): unknown {
  // Many gateways are configured by variables alone: only who has a file loads the parser.
  const { parse } = require("yaml") as typeof yaml;
  try {
    // A warning would quote the file on standard error.
    return parse(text, { logLevel: "error" }) as unknown;
  } catch (error) {
    throw new ConfigError([`${what} ${path} is no valid YAML: ${describeYamlError(error)}`]);
  }
}

/** Such as "duplicate key at line 3, column 5". The message of the error is not used: it may quote the file, and so a secret. */
export function describeYamlError(error: unknown): string {
  const { code = "", linePos: [start] = [] } = error as Partial<yaml.YAMLError>;
  const what = code === "" ? "it cannot be resolved" : code.toLowerCase().replaceAll("_", " ");
  return start === undefined ? what : `${what} at line ${start.line}, column ${start.col}`;
}
