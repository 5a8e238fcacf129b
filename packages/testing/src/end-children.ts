/**
 * Loaded by a process that runs tests: every program that it starts ends with it, also when the run is interrupted and no test can clean up.
 * A gateway that is left over holds its port, and a core.
 */
import type { ChildProcess } from "node:child_process";
import { channel } from "node:diagnostics_channel";

import { endWithProcess } from "./end-with-process.ts";

channel("child_process").subscribe((message) => endWithProcess((message as { process: ChildProcess }).process));
// Without a listener, a signal ends the process before it can end others. 128 and the number of the signal, as a shell reports it.
// A test that emits one passes no name.
process.on("SIGTERM", (signal?: NodeJS.Signals) => {
  if (signal !== undefined) process.exit(143);
});
