import assert from "node:assert/strict";
import { test } from "node:test";

import { loadConfig } from "../src/index.ts";
import { warnOfOpenFiles } from "../src/run/open-files.ts";

const limitsOf = (soft: string): string => `Limit                     Soft Limit           Hard Limit           Units
Max processes             15000                15000                processes
Max open files            ${soft.padEnd(20)} 1048576              files
`;

function warningsFor(limits: string): object[] {
  const warnings: object[] = [];
  const ignore = (): void => undefined;
  const logger = { debug: ignore, info: ignore, error: ignore, warn: (fields: object) => void warnings.push(fields) };
  warnOfOpenFiles(loadConfig({ env: { MAX_CONNECTIONS: "500" } }), logger, limits);
  return warnings;
}

test("a limit of open files below what the connections need is warned of", () => {
  const remedy = "raise it to 1524 (ulimit -n, LimitNOFILE of systemd), or lower MAX_CONNECTIONS";
  assert.deepEqual(warningsFor(limitsOf("1523")), [{ limit: 1_523, max_connections: 500, remedy }]);
  for (const limits of [limitsOf("1524"), limitsOf("unlimited"), ""]) assert.deepEqual(warningsFor(limits), []);
});
