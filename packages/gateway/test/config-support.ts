import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { stringify } from "yaml";

import { type ConfigSources, loadConfig } from "../src/config/load-config.ts";
import { ConfigError } from "../src/config/loader/config-error.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-config-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;

/** Writes a configuration file, from its text or from what it is to say, and gives its path. */
export function configFile(content: string | object): string {
  const path = join(folder, `${(files += 1)}.yaml`);
  writeFileSync(path, typeof content === "string" ? content : stringify(content));
  return path;
}

/** What the configuration is refused for. */
export function problemsOf(sources: ConfigSources): readonly string[] {
  try {
    loadConfig(sources);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return assert.fail("the configuration was taken");
}
