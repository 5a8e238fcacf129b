import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { publishedPackages } from "../src/workspace.ts";

const names = publishedPackages.flatMap(({ manifest }) => manifest.name ?? []).filter((name) => name !== "@aivillage/gateway");
const imports = `for (const name of ${JSON.stringify(names)}) await import(name);`;

/** What a program prints that runs in a process with these flags. */
function printed(flags: readonly string[], program: string): string {
  const options = [...flags, "--conditions=@aivillage/source", "--input-type=module", "--no-warnings", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, options, { cwd: import.meta.dirname, encoding: "utf8" });
  return stdout + stderr;
}

test("where code may not be made from strings, all packages load, and a schema is refused with the reason", () => {
  const program = `
    ${imports}
    const { sanitizeInput } = await import("@aivillage/input-sanitizer");
    sanitizeInput({ screening: { mode: "flag" } });
    try { sanitizeInput({ body: { type: "object" } }); } catch ({ name, message }) { console.log(name, message); }
  `;
  assert.match(
    printed(["--disallow-code-generation-from-strings"], program),
    /^Error @aivillage\/input-sanitizer: schemas are compiled to functions, .*: start Node without --disallow-code-generation-from-strings$/m,
  );
});

for (const how of ["delete", "throw"]) {
  test(`all packages load, and a schema is compiled, without __proto__ (--disable-proto=${how})`, () => {
    const program = `
      ${imports}
      const { sanitizeInput } = await import("@aivillage/input-sanitizer");
      console.log(sanitizeInput({ body: { type: "object" } }).name);
    `;
    assert.equal(printed([`--disable-proto=${how}`], program), "sanitizeInputHandler\n");
  });
}
