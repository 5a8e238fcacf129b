import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { packAll } from "../pack.ts";
import { root } from "../root.ts";

/** Where the hosts are, with a lock file of their own. */
export const hostsFolder = join(root, "packages/testing/hosts");

const npm = (...args: string[]): void => {
  execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: hostsFolder,
    stdio: ["ignore", "ignore", "inherit"],
  });
};

/** Installs the hosts, if they are not there in the versions of their lock file, and then our packages as they would be published. */
export function prepareHosts(say: (text: string) => void): void {
  const lock = createHash("sha256")
    .update(readFileSync(join(hostsFolder, "package-lock.json")))
    .digest("hex");
  const stamp = join(hostsFolder, "node_modules/.installed-lockfile");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
    say("installing the hosts, once, about 440 packages");
    npm("ci");
    writeFileSync(stamp, lock);
  }
  say("packing our packages");
  const folder = mkdtempSync(join(tmpdir(), "aivillage-hosts-"));
  try {
    const tarballs = packAll(folder).filter(({ package: { folder: name } }) => name !== "gateway");
    say("installing our packages");
    npm("install", "--no-save", "--no-package-lock", ...tarballs.map(({ file }) => file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
