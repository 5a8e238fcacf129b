import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { endWithProcess, eventually, whenClosed } from "@aivillage/testing";

const source = new URL("../src/index.ts", import.meta.url).href;

const program = `
import { createServer } from "node:http";
import { closeOnSignals, endWithLauncher, stopServer } from "${source}";
endWithLauncher(process.env);
const server = createServer().listen(0, "127.0.0.1", () => console.log("listens"));
closeOnSignals(() => stopServer(server), { onSignal: (signal) => console.log(signal) });
`;

test(
  "a server that npm has started stops in order when npm is ended",
  { skip: process.platform !== "linux" && "it reads /proc" },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "aivillage-launcher-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const start = `${process.execPath} --conditions=@aivillage/source server.mjs`;
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "app", private: true, scripts: { start } }));
    writeFileSync(join(folder, "server.mjs"), program);
    const child = spawn("npm", ["start"], {
      cwd: folder,
      env: { HOME: folder, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    endWithProcess(child);
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    await eventually(() => printed.includes("listens"), "it listens", { state: () => printed });
    child.kill("SIGTERM");
    // Its output closes when the last process that holds it has ended.
    await whenClosed(child);
    assert.match(printed, /SIGTERM\n/);
  },
);
