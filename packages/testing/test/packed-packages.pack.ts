import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { publint } from "publint";

import { installUnpacked, installWithNpm, packAll, type Tarball, unpackAll } from "../src/pack.ts";
import { root } from "../src/root.ts";
import { assertResponded, runPrograms } from "../src/run-programs.ts";
import { publishedPackages } from "../src/workspace.ts";
import { layProject, layReadme, type PackedReadme } from "./packed-readme.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-packed-"));
/** Where programs are that use all packages. */
const together = join(folder, "together");
const testing = join(import.meta.dirname, "..");
const attw = join(testing, "node_modules/.bin/attw");
const packed = new Map<string, Tarball>();
const readmes = new Map<string, PackedReadme>();

/** Runs a program outside the workspace, where only the packed packages are, without the sources condition. */
const runOutside = (file: string, code: string): string => {
  writeFileSync(join(together, file), code);
  return execFileSync(process.execPath, [file], { cwd: together, encoding: "utf8", env: { PATH: process.env["PATH"] } }).trim();
};

/** The main functions of packages that are not named after them. */
const mainFunctions: Readonly<Record<string, string>> = {
  console: "liveConsole",
  gateway: "createGateway",
  "input-sanitizer": "sanitizeInput",
  middleware: "compose",
  screening: "screen",
};

describe("the packed packages", () => {
  let tarballs: Tarball[] = [];
  before(() => {
    tarballs = packAll(folder);
    unpackAll(tarballs, folder);
    mkdirSync(together);
    installUnpacked(
      together,
      publishedPackages.map(({ manifest }) => manifest.name),
      folder,
      testing,
    );
    for (const tarball of tarballs) packed.set(tarball.package.folder, tarball);
    for (const each of publishedPackages) readmes.set(each.folder, layReadme(each, folder));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("are loaded by import and by require(), with the same exports", () => {
    const names = publishedPackages.flatMap(({ manifest }) =>
      Object.keys(manifest.exports ?? {}).map((path) => manifest.name + path.slice(1)),
    );
    const program = `const loaded = {}; for (const name of ${JSON.stringify(names)}) loaded[name] = Object.keys(LOAD).sort(); console.log(JSON.stringify(loaded));`;
    const imported = JSON.parse(runOutside("import.mjs", program.replace("LOAD", "await import(name)"))) as Record<string, string[]>;
    const required = JSON.parse(runOutside("require.cjs", program.replace("LOAD", "require(name)"))) as Record<string, string[]>;
    assert.deepEqual(required, imported);
    for (const { folder: name } of publishedPackages) {
      const factory = mainFunctions[name] ?? name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      assert.ok(imported[`@aivillage/${name}`]?.includes(factory), `${name} exports ${factory}`);
    }
  });

  test("serve a request in a CommonJS program", () => {
    const body = runOutside(
      "serve.cjs",
      `const { createServer } = require("node:http");
       const { compose, toListener } = require("@aivillage/middleware");
       const { problemDetails, notFound } = require("@aivillage/problem-details");
       const { securityHeaders } = require("@aivillage/security-headers");
       const server = createServer(toListener(compose(securityHeaders(), notFound()), problemDetails())).listen(0, "127.0.0.1", async () => {
         const answer = await fetch("http://127.0.0.1:" + server.address().port);
         console.log(answer.status, answer.headers.get("content-type"), answer.headers.get("x-frame-options"));
         server.close();
         server.closeAllConnections();
       });`,
    );
    assert.equal(body, "404 application/problem+json DENY");
  });

  test("hold a gateway binary that prints its version", () => {
    const { version } = JSON.parse(readFileSync(join(folder, "unpacked/gateway/package.json"), "utf8")) as { version: string };
    const output = execFileSync(process.execPath, [join(folder, "unpacked/gateway/dist/cli.js"), "--version"], { encoding: "utf8" });
    assert.equal(output.trim(), version);
  });

  test("are installed by npm from the registry into an empty folder, and the gateway of that installation prints its version", () => {
    const installation = mkdtempSync(join(tmpdir(), "aivillage-install-"));
    try {
      installWithNpm(
        installation,
        publishedPackages.map(({ manifest }) => manifest.name),
        tarballs,
      );
      const version = execFileSync(join(installation, "node_modules/.bin/aivillage-gateway"), ["--version"], { encoding: "utf8" });
      assert.match(version, /^\d+\.\d+\.\d+\n$/);
    } finally {
      rmSync(installation, { recursive: true, force: true });
    }
  });

  for (const each of publishedPackages) {
    test(`${each.folder} runs alone, with what its README says to install`, async () => {
      const readme = readmes.get(each.folder);
      assert.ok(readme);
      assert.deepEqual(readme.missing, [], "the first program imports more than the README says to install");
      assertResponded(readme.files, await runPrograms(readme.files, { cwd: readme.folder }));
    });
  }

  test("have declarations that the programs of their READMEs type-check with", () => {
    const { stdout, status } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", layProject(folder)], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });

  for (const { folder: name } of publishedPackages) {
    test(`${name} holds what its manifest names, its sources and its licence, and nothing else`, () => {
      const unpacked = join(folder, "unpacked", name);
      const files = globSync("**/*", { cwd: unpacked, exclude: ["node_modules"] }).filter((file) =>
        statSync(join(unpacked, file)).isFile(),
      );
      const expected =
        /^(package\.json|(README|CHANGELOG)\.md|LICENSE|src\/.+\.(ts|js|css|html)|dist\/.+\.([cm]?js|d\.[cm]?ts|map|txt|css|html))$/;
      assert.deepEqual(
        files.filter((file) => !expected.test(file)),
        [],
      );
      const manifest = readFileSync(join(unpacked, "package.json"), "utf8");
      assert.doesNotMatch(manifest, /"(workspace|catalog):/);
      const named = [...manifest.matchAll(/"\.\/((?:dist|src)\/[^"]+)"/g)].map(([, file = ""]) => file);
      assert.deepEqual(
        ["README.md", "CHANGELOG.md", "LICENSE", ...named].filter((file) => !files.includes(file)),
        [],
      );
    });

    test(`${name} has nothing that publint or attw complains about`, async () => {
      const tarball = packed.get(name);
      assert.ok(tarball);
      const bytes = readFileSync(tarball.file);
      const { messages } = await publint({
        pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
        strict: true,
      });
      assert.deepEqual(messages, []);
      await promisify(execFile)(attw, [tarball.file, "--profile", "strict", "--no-color"]);
    });
  }
});
