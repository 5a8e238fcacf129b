#!/usr/bin/env node
import { runCli } from "./cli/run-cli.ts";

process.exitCode = await runCli(process.argv.slice(2), process);
// The channel to its primary would keep a worker alive that could not start.
if (process.exitCode !== 0 && process.connected) process.disconnect();
