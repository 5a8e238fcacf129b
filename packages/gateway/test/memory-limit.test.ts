import assert from "node:assert/strict";
import { test } from "node:test";

import { loadConfig } from "../src/index.ts";
import { warnOfMemory } from "../src/run/memory-limit.ts";

const mebibyte = 1_048_576;

function warningsFor(env: Record<string, string>, limit: number): object[] {
  const warnings: object[] = [];
  const ignore = (): void => undefined;
  const logger = { debug: ignore, info: ignore, error: ignore, warn: (fields: object) => void warnings.push(fields) };
  warnOfMemory(loadConfig({ env }), logger, limit);
  return warnings;
}

test("less memory than bodies may take in all workers is warned of, with what fits", () => {
  const limit = 512 * mebibyte;
  const remedy = "lower MAX_BODY_MEMORY to 72MiB, or give the gateway 1430 MiB";
  assert.deepEqual(warningsFor({}, limit), [{ limit, max_body_memory: 256 * mebibyte, workers: 1, remedy }]);
  assert.deepEqual(warningsFor({ MAX_BODY_MEMORY: "72MiB" }, limit), []);
  assert.deepEqual(warningsFor({ MAX_BODY_MEMORY: "72MiB", WORKERS: "2" }, limit).length, 1);
  assert.deepEqual(warningsFor({}, 1_430 * mebibyte), []);
});

test("MAX_BODY_MEMORY=0 is meant, and the least advice is one MiB", () => {
  assert.deepEqual(warningsFor({ MAX_BODY_MEMORY: "0" }, mebibyte), []);
  assert.match(JSON.stringify(warningsFor({}, mebibyte)), /to 1MiB/);
});
