import assert from "node:assert/strict";
import { test } from "node:test";

import { root } from "../src/root.ts";
import { importsOf, packageOf, publishedPackages, workspacePackages } from "../src/workspace.ts";

/** The libraries that each package may use, beside `@aivillage/middleware`. What is not here may use none. */
const libraries: Readonly<Record<string, readonly string[]>> = {
  "access-log": ["pino"],
  "api-key-auth": ["jose", "proper-lockfile", "write-file-atomic", "yaml"],
  console: ["uplot"],
  "downstream-proxy": ["undici"],
  "file-upload": ["busboy", "file-type"],
  "health-cascade": ["got"],
  // The one leaf that depends on another: what it refuses in a text is what `screen()` finds there.
  "input-sanitizer": ["@aivillage/screening", "ajv", "ajv-formats", "htmlparser2", "json-schema-to-ts"],
  metrics: ["prom-client"],
  "rate-limit": ["express-rate-limit"],
  "security-headers": ["helmet"],
  tracing: ["@opentelemetry/api"],
};
const onExpress = ["gateway", "testing", "benchmarks"];

for (const { folder, manifest, sources, read } of workspacePackages) {
  const outside = sources
    .flatMap((source) => importsOf(read(source)))
    .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .map(packageOf);

  test(`${folder} imports only what its package.json declares`, () => {
    const declared = Object.keys(manifest.dependencies ?? {});
    assert.deepEqual(
      outside.filter((name) => !declared.includes(name)),
      [],
    );
  });

  test(`${folder} keeps express out, unless it is the gateway or a tool of ours`, () => {
    const frameworks = outside.filter((name) => /^(express(-4)?|connect|fastify|koa)$/.test(name));
    if (!onExpress.includes(folder)) assert.deepEqual(frameworks, []);
  });

  test(`${folder} leaves the environment to the gateway's configuration`, () => {
    const readers = sources.filter((source) => read(source).includes("process.env"));
    const allowed =
      manifest.private === true ? readers : readers.filter((source) => folder === "gateway" && source.startsWith("src/config"));
    assert.deepEqual(readers, allowed);
  });
}

for (const { folder, manifest } of publishedPackages.filter((each) => each.folder !== "gateway")) {
  test(`${folder} depends on the contract and its own libraries, on no other package of ours`, () => {
    const allowed = folder === "middleware" ? [] : ["@aivillage/middleware", ...(libraries[folder] ?? [])];
    assert.deepEqual(
      Object.keys(manifest.dependencies ?? {}).filter((name) => !allowed.includes(name)),
      [],
    );
  });
}

test("nobody but the testing tools depends on the gateway", () => {
  const dependents = workspacePackages.filter(({ manifest }) => "@aivillage/gateway" in (manifest.dependencies ?? {}));
  assert.deepEqual(
    dependents.map(({ folder }) => folder).filter((folder) => !["testing", "benchmarks"].includes(folder)),
    [],
  );
});

test("the workspace was found", () => {
  assert.ok(publishedPackages.length >= 14, `${publishedPackages.length} published packages under ${root}`);
});
