#!/usr/bin/env node
import { neededNode, neededNodeIsMissing } from "./version.ts";

// Loaded only now: on an older Node the libraries fail while they load, with a stack that does not name the reason.
if (neededNodeIsMissing) {
  process.stderr.write(
    `aivillage-gateway needs Node ${neededNode} or later; this is ${process.version}. Install it from https://nodejs.org.\n`,
  );
  process.exitCode = 1;
} else {
  // The end of a command such as `head` that reads the output is no error of this program; a full disk is one that its stack does not explain.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (code !== "EPIPE") process.stderr.write(`aivillage-gateway: standard output cannot be written (${code})\n`);
    process.exit(1);
  });
  const { runCli } = await import("./cli/run-cli.ts");
  process.exitCode = await runCli(process.argv.slice(2), process);
}
// The channel to its primary would keep a worker alive that could not start.
if (process.exitCode !== 0 && process.connected) process.disconnect();
