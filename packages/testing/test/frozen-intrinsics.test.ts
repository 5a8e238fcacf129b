import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { publishedPackages } from "../src/workspace.ts";

/** The gateway is a program, which nobody imports into a process of their own. */
const imported = publishedPackages.flatMap(({ manifest }) => manifest.name ?? []).filter((name) => name !== "@aivillage/gateway");

const program = `
  for (const name of ${JSON.stringify(imported)}) await import(name);
  const { HttpProblem, toListener } = await import("@aivillage/middleware");
  const { createServer } = await import("node:http");
  const refuse = (req, res, next) => next(new HttpProblem({ status: 429, headers: { "Retry-After": "7" } }));
  const server = createServer(toListener(refuse)).listen(0, "127.0.0.1", async () => {
    const { status, headers } = await fetch("http://127.0.0.1:" + server.address().port);
    console.log(status, headers.get("retry-after"));
    process.exit();
  });
`;

test("all packages load and refuse requests where the built-in objects are frozen", () => {
  const flags = ["--frozen-intrinsics", "--conditions=@aivillage/source", "--input-type=module", "--no-warnings"];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, "--eval", program], { cwd: import.meta.dirname, encoding: "utf8" });
  assert.equal(stdout, "429 7\n", stderr);
});
