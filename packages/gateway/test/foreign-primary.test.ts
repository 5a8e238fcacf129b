import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { childEnv, endProcess, endWithProcess, eventually, freePort, gatewayProgram } from "@aivillage/testing";

test("as a worker of a process manager the gateway counts, probes, warns and shows its metrics by itself", async (t) => {
  const port = await freePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, "foreign-primary.process.ts"), gatewayProgram()], {
    env: childEnv({ NODE_OPTIONS: "--conditions=@aivillage/source", GATEWAY_HOST: "0.0.0.0", GATEWAY_PORT: String(port) }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  endWithProcess(child);
  t.after(() => endProcess(child));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => void lines.push(line));
  const logged = (text: string): boolean => lines.some((line) => line.includes(text));
  await eventually(() => logged("gateway listens"), "the gateway listens", { state: () => lines });

  assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
  assert.equal(metrics.status, 200);
  assert.match(await metrics.text(), /^gateway_requests_total\{/m);
  await eventually(() => logged('"rule":"public-keys"'), "it warns");
  assert.ok(!logged("rate limit store is down"));
});
