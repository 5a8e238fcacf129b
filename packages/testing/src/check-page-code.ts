// Type-checks the programs of the pages as their readers would. Ends with 1 when one does not pass.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { layPagePrograms } from "./page-code.ts";
import { root } from "./root.ts";

using folder = layPagePrograms(".page-types");
writeFileSync(
  join(folder.path, "tsconfig.json"),
  JSON.stringify({
    extends: "../../../tsconfig.base.json",
    compilerOptions: { noEmit: true, customConditions: ["@aivillage/source"], noUnusedLocals: false, noUnusedParameters: false },
    include: ["*.ts", "../src/express-4.d.ts"],
  }),
);
// A project that sets no `lib` has the types of browsers beside those of Node, also for `fetch()` and streams.
for (const lib of ["es2024", "es2024,dom,dom.iterable"]) {
  const { status } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder.path, "--lib", lib], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
