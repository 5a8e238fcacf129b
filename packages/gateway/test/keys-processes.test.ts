import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { childEnv, gatewayProgram, hangAfterMs } from "@aivillage/testing";

import { keysFolder } from "./keys-support.ts";

test("keys verify reads standard input of its process and ends with its exit code", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ada");
  const verify = (input: string) =>
    spawnSync(process.execPath, ["--conditions=@aivillage/source", gatewayProgram(), "keys", "verify"], {
      input,
      encoding: "utf8",
      timeout: hangAfterMs,
      env: childEnv({ API_KEYS_FILE: keys.path }),
    });
  const valid = verify(`${key}\n`);
  assert.equal(valid.status, 0, valid.stderr);
  assert.match(valid.stdout, /^valid: \w{12} of ada, tier authenticated, scopes \*\n$/);
  assert.deepEqual([verify("guess").status, verify("guess").stdout], [3, "not valid: unknown\n"]);
});
