/** A thread that does nothing but notice how late its timers come: what delays it is the machine, not the program under test. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";

const lateness = monitorEventLoopDelay({ resolution: 5 });
lateness.enable();
parentPort?.on("message", () => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(lateness.max / 1e6);
  lateness.reset();
});
