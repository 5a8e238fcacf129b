import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { start } from "../child.ts";
import { findProgram } from "../find-program.ts";
import { folders } from "../folders.ts";
import type { RequestShape } from "../traffic.ts";
import { autocannonArguments, readAutocannon } from "./autocannon.ts";
import type { Load } from "./load.ts";
import { readWrk, wrkScript } from "./wrk.ts";

/** The generator of HTTP load that is used on this machine. */
export const httpLoadTool = findProgram("wrk") === undefined ? "autocannon" : "wrk";

/** Repeats one request over 64 connections. With `anyStatus` every response counts, a 503 of a health check too. */
export function httpLoad(request: RequestShape, { anyStatus = false } = {}): Load {
  return async ({ port, seconds }) => {
    const url = `http://127.0.0.1:${port}${request.path}`;
    if (httpLoadTool === "wrk") return readWrk(await runWrk(url, wrkScript(request, port), seconds), anyStatus);
    const program = join(folders.peers, "node_modules/autocannon/autocannon.js");
    return readAutocannon(await outputOf(process.execPath, [program, ...autocannonArguments(url, request, seconds)]), anyStatus);
  };
}

async function runWrk(url: string, program: string, seconds: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-wrk-"));
  const script = join(folder, "request.lua");
  writeFileSync(script, program);
  try {
    return await outputOf("wrk", ["-t1", "-c64", `-d${seconds}s`, "--timeout", "10s", "--latency", "-s", script, url]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = start(command, args, {}, "pipe");
  let output = "";
  child.process.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exitCode = await child.ended;
  if (exitCode !== 0) throw new Error(`${command} failed: ${child.complaints() || output}`);
  return output;
}
