/**
 * Installs the packed packages with npm into an empty folder outside the workspace and lets the gateway of that installation
 * tell its version: the path of a user, registry included. Run by `pnpm test:pack`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { installWithNpm, packAll } from "./pack.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-install-"));
try {
  const tarballs = packAll(folder);
  installWithNpm(tarballs, folder);
  const version = execFileSync(join(folder, "node_modules/.bin/aivillage-gateway"), ["--version"], { encoding: "utf8" });
  process.stdout.write(`${tarballs.length} packages packed and installed; the gateway is ${version}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
