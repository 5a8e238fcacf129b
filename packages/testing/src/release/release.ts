// `pnpm release`: checks, builds, writes the bills of materials and publishes what is not in the registry yet. docs/releasing.md
import { globSync } from "node:fs";

import { outputOf, pnpm, say } from "./run.ts";
import { sbomFolder, writeSboms } from "./write-sboms.ts";

const { CI } = process.env;

function assertReady(): void {
  const changed = outputOf("git", ["status", "--porcelain"]).trim();
  if (changed !== "") throw new Error(`commit or remove these changes first:\n${changed}`);
  const pending = globSync(".changeset/*.md").filter((file) => !file.endsWith("README.md"));
  if (pending.length > 0) throw new Error(`${pending.length} changesets have no version yet: run pnpm changeset version and commit`);
  // A provenance statement says which workflow of which commit has built a package; no other machine can sign one.
  if (CI === undefined)
    throw new Error("a release runs in .github/workflows/release.yml, or by pnpm release:rehearse against a local registry");
}

assertReady();
say("checks");
pnpm(["check"]);
say("packs and installs the packages");
pnpm(["test:pack"]);
say("writes the bills of materials");
writeSboms();
say("publishes");
pnpm(["changeset", "publish"]);
say(`released; the bills of materials are in ${sbomFolder}`);
