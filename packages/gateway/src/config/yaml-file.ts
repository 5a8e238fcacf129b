import { readFileSync } from "node:fs";

import { parse } from "yaml";

import { ConfigError } from "./config-error.ts";

/** Reads a YAML file. @throws ConfigError when it cannot be read or is no YAML; says what to do. */
export function readYamlFile(path: string, what: string): unknown {
  return parseYaml(readTextFile(path, what), path, what);
}

/** @throws ConfigError that names the file and the reason */
export function readTextFile(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "error" } = error as NodeJS.ErrnoException;
    throw new ConfigError([`${what} ${path} cannot be read (${code}): check that it exists and that this user may read it`]);
  }
}

function parseYaml(text: string, path: string, what: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw new ConfigError([`${what} ${path} is no valid YAML: ${(error as Error).message.split("\n")[0]}`]);
  }
}
