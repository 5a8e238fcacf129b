// Loaded before each test file by the runner.
import "./compile-cache.ts";
import { after } from "node:test";

import { cpuDiagnostic } from "./cpu-seconds.ts";

const patienceMs = 20_000;

// A child process may inherit this module and is no test.
if (/\.(test|pack)\.ts$/.test(process.argv[1] ?? "")) {
  after((context) => {
    if ("diagnostic" in context) context.diagnostic(cpuDiagnostic());
    // Unreferenced: fires only when something else keeps this process alive.
    setTimeout(() => {
      const left = process.getActiveResourcesInfo().join(", ");
      process.stderr.write(`the tests have ended ${patienceMs / 1_000} s ago, but this keeps the process alive: ${left}\n`);
      process.exit(1);
    }, patienceMs).unref();
  });
}
