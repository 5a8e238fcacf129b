import assert from "node:assert/strict";
import { spawn } from "node:child_process";

import { endWithProcess } from "../end-with-process.ts";
import { eventually } from "../eventually.ts";
import { whenClosed } from "../when-closed.ts";

const freePorts = {
  GATEWAY_HOST: "127.0.0.1",
  GATEWAY_PORT: "0",
  VILLAGE_TWIN_PORT: "0",
  VILLAGE_AGENT_CONTROLLER_PORT: "0",
  VILLAGE_KNOWLEDGE_SYSTEM_PORT: "0",
};

/** Runs `npx aivillage-gateway demo` in a project, asks it a question, and ends it by a signal to npx, as a supervisor would. */
export async function tryDemo(project: string): Promise<void> {
  const child = spawn("npx", ["aivillage-gateway", "demo"], {
    cwd: project,
    env: { ...process.env, ...freePorts },
    stdio: ["ignore", "pipe", "inherit"],
  });
  endWithProcess(child);
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const isUp = (): boolean => printed.includes("Ctrl-C stops everything.");
  await eventually(() => isUp() || child.exitCode !== null, "the demo is up", { state: () => printed });
  const [, url = ""] = /curl -s (\S+)/.exec(printed) ?? [];
  const [, key = ""] = /Authorization: (Bearer [^']+)/.exec(printed) ?? [];
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: key, "Content-Type": "application/json" },
    body: JSON.stringify({ query: "What is the capital of France?" }),
  });
  assert.match(await response.text(), /Paris/);
  child.kill("SIGTERM");
  // Its output closes when the last process of the demo has ended.
  await whenClosed(child);
}
