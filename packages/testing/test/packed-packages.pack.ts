import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { publint } from "publint";

import { installOffline, installWithNpm, packAll, type Tarball } from "../src/pack.ts";
import { publishedPackages } from "../src/workspace.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-packed-"));
const attw = join(import.meta.dirname, "../node_modules/.bin/attw");
const packed = new Map<string, Tarball>();

/** Runs a program outside the workspace, where only the packed packages are, without the sources condition. */
const runOutside = (file: string, code: string): string => {
  writeFileSync(join(folder, file), code);
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8", env: { PATH: process.env["PATH"] } }).trim();
};

describe("the packed packages", () => {
  let tarballs: Tarball[] = [];
  before(() => {
    tarballs = packAll(folder);
    installOffline(tarballs, folder);
    for (const tarball of tarballs) packed.set(tarball.package.folder, tarball);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("are loaded by import and by require(), with the same exports", () => {
    const names = publishedPackages.map(({ manifest }) => manifest.name);
    const program = `const loaded = {}; for (const name of ${JSON.stringify(names)}) loaded[name] = Object.keys(LOAD).sort(); console.log(JSON.stringify(loaded));`;
    const imported = JSON.parse(runOutside("import.mjs", program.replace("LOAD", "await import(name)"))) as Record<string, string[]>;
    const required = JSON.parse(runOutside("require.cjs", program.replace("LOAD", "require(name)"))) as Record<string, string[]>;
    assert.deepEqual(required, imported);
    for (const { folder: name } of publishedPackages.filter((each) => !["middleware", "gateway"].includes(each.folder))) {
      const factory = name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      const known = name === "input-sanitizer" ? "sanitizeInput" : factory;
      assert.ok(imported[`@aivillage/${name}`]?.includes(known), `${name} exports ${known}`);
    }
  });

  test("answer a request in a CommonJS program", () => {
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

  test("hold a gateway binary that tells its version", () => {
    const { version } = JSON.parse(readFileSync(join(folder, "unpacked/gateway/package.json"), "utf8")) as { version: string };
    const output = execFileSync(process.execPath, [join(folder, "unpacked/gateway/dist/cli.js"), "--version"], { encoding: "utf8" });
    assert.equal(output.trim(), version);
  });

  test("are installed by npm from the registry into an empty folder, and the gateway of that installation tells its version", () => {
    const installation = mkdtempSync(join(tmpdir(), "aivillage-install-"));
    try {
      installWithNpm(tarballs, installation);
      const version = execFileSync(join(installation, "node_modules/.bin/aivillage-gateway"), ["--version"], { encoding: "utf8" });
      assert.match(version, /^\d+\.\d+\.\d+\n$/);
    } finally {
      rmSync(installation, { recursive: true, force: true });
    }
  });

  for (const { folder: name } of publishedPackages) {
    test(`${name} has nothing that publint or attw complains about`, async () => {
      const tarball = packed.get(name);
      assert.ok(tarball);
      const bytes = readFileSync(tarball.file);
      const { messages } = await publint({
        pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
        strict: true,
      });
      assert.deepEqual(messages, []);
      await promisify(execFile)(attw, [tarball.file, "--profile", "esm-only", "--no-color"]);
    });
  }
});
