import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { childEnv, endWithProcess, eventually, gatewayProgram, whenClosed } from "@aivillage/testing";

const folder = mkdtempSync(join(tmpdir(), "aivillage-launcher-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "package.json"), '{ "name": "app", "private": true, "scripts": { "go": "aivillage-gateway start" } }');
mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
writeFileSync(
  join(folder, "node_modules/.bin/aivillage-gateway"),
  `#!/usr/bin/env -S ${process.execPath} --conditions=@aivillage/source\nawait import("${pathToFileURL(gatewayProgram()).href}");\n`,
  { mode: 0o755 },
);

interface Launched {
  readonly child: ChildProcess;
  readonly printed: () => string;
}

async function launch(command: string, ...args: string[]): Promise<Launched> {
  const { PATH, ...env } = childEnv({ GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", HEALTH_CHECK_INTERVAL: "0", HOME: folder });
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...env, PATH: `${dirname(process.execPath)}:${PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithProcess(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await eventually(() => printed.includes("gateway listens") || child.exitCode !== null, "it listens", { state: () => printed });
  return { child, printed: () => printed };
}

for (const [command, ...args] of [
  ["npx", "--no-install", "aivillage-gateway", "start"],
  ["npm", "run", "go"],
] as const) {
  test(`a gateway that ${command} has started stops in order when ${command} is ended`, async () => {
    const { child, printed } = await launch(command, ...args);
    child.kill("SIGTERM");
    // Its output closes when the last process that holds it has ended.
    await whenClosed(child);
    assert.match(printed(), /"gateway stopped"/);
  });
}
