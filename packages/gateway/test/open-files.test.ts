import assert from "node:assert/strict";
import { test } from "node:test";

import { loadConfig } from "../src/index.ts";
import { warnOfOpenFiles } from "../src/run/open-files.ts";

function warningsFor(limit: number): object[] {
  const warnings: object[] = [];
  const ignore = (): void => undefined;
  const logger = { debug: ignore, info: ignore, error: ignore, warn: (fields: object) => void warnings.push(fields) };
  warnOfOpenFiles(loadConfig({ env: { MAX_CONNECTIONS: "500" } }), logger, limit);
  return warnings;
}

test("a limit of open files below what the connections need is warned of", () => {
  const remedy = "raise it to 1524 (ulimit -n, LimitNOFILE of systemd), or lower MAX_CONNECTIONS";
  assert.deepEqual(warningsFor(1_523), [{ limit: 1_523, max_connections: 500, remedy }]);
  for (const limit of [1_524, Number.POSITIVE_INFINITY]) assert.deepEqual(warningsFor(limit), []);
});
