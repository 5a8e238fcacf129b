import assert from "node:assert/strict";
import { test } from "node:test";

import { loadConfig } from "../src/index.ts";
import { usableConnections, warnOfOpenFiles } from "../src/run/open-files.ts";

function warningsFor(limit: number): object[] {
  const warnings: object[] = [];
  const ignore = (): void => undefined;
  const logger = { debug: ignore, info: ignore, error: ignore, warn: (fields: object) => void warnings.push(fields) };
  warnOfOpenFiles(loadConfig({ env: { MAX_CONNECTIONS: "500" } }), logger, limit);
  return warnings;
}

test("a limit of open files below what the connections need is warned of", () => {
  const remedy = "raise it to 1524 (ulimit -n, LimitNOFILE of systemd), or lower MAX_CONNECTIONS";
  assert.deepEqual(warningsFor(1_523), [{ limit: 1_523, max_connections: 500, used: 500, remedy }]);
  assert.deepEqual(warningsFor(256), [{ limit: 256, max_connections: 500, used: 128, remedy }]);
  for (const limit of [1_524, Number.POSITIVE_INFINITY]) assert.deepEqual(warningsFor(limit), []);
});

test("no more connections are taken than there are files for, and half of the files are left if they are few", () => {
  const { server } = loadConfig({ env: { MAX_CONNECTIONS: "10000" } });
  const limits = [256, 1_024, 4_096, 11_024, Number.POSITIVE_INFINITY];
  assert.deepEqual(
    limits.map((limit) => usableConnections({ server }, limit)),
    [128, 512, 3_072, 10_000, 10_000],
  );
});
