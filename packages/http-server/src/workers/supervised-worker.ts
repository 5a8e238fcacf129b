import type { Worker } from "node:cluster";

/** True when the worker listens, false when it has died or not listened in time. */
export function whenListening(worker: Worker, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    const settle = (listens: boolean) => () => {
      clearTimeout(timer);
      resolve(listens);
    };
    worker.once("listening", settle(true)).once("exit", settle(false));
  });
}

/** Resolves when the worker has ended; it is killed when it takes longer than the limit. */
export function whenEnded(worker: Worker, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => worker.process.kill("SIGKILL"), limitMs);
    worker.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
