import cluster from "node:cluster";
import { availableParallelism } from "node:os";

import { isPlainObject, option, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { signalGuard } from "../stop/signal-guard.ts";
import { Supervisor, type SupervisorSettings } from "./supervisor.ts";

/** Options of `superviseWorkers()`. Durations are in milliseconds. */
export interface SuperviseWorkersOptions {
  /** How many workers serve. Default: as many as the machine can run in parallel. */
  workers?: number;
  /** How long a worker may take to listen when it is to replace another one. Default 30000. */
  startMs?: number;
  /** How long a worker may take to stop before it is killed. Give it more than its own drain takes. Default 30000. */
  stopMs?: number;
  /** Environment variables that workers get beside those of the primary. Default none. */
  env?: Readonly<Record<string, string>>;
  /**
   * Called on SIGUSR2 before the workers are replaced; load here what new ones start with. Return a function that takes it back, which is
   * called when no worker could be replaced, or `undefined` to keep all workers as they are. An error keeps them too, and is a process
   * warning. Default: all are replaced.
   */
  renew?: SupervisorSettings["renew"];
}

const longestMs = 2 ** 31 - 1;

/**
 * Runs the primary process of a `node:cluster`: starts the workers, replaces those that die, and passes signals on.
 *
 * SIGTERM and SIGINT stop all workers in order, and a second one kills them. SIGHUP is passed on to each worker that listens, which must
 * have a listener for it. SIGUSR2 replaces the workers one by one, each when its successor listens, so that one of them always responds.
 * A worker that dies within ten seconds of its start is replaced after 100 ms, and after twice as long each time, up to 30 s. If workers
 * die before any has ever listened, all are stopped with exit code 1.
 *
 * @returns a promise of the exit code, which resolves when all workers have ended
 * @throws OptionError for an unknown or bad option, and Error in a worker
 */
export function superviseWorkers(options?: SuperviseWorkersOptions): Promise<number> {
  const settings = readOptions(packageName, options, {
    workers: option.integer(availableParallelism(), { min: 1 }),
    startMs: option.integer(30_000, { min: 1, max: longestMs }),
    stopMs: option.integer(30_000, { min: 1, max: longestMs }),
    env: option.custom<Readonly<Record<string, string>>>("an object of environment variables", {}, isPlainObject),
    renew: option.custom<SupervisorSettings["renew"]>(
      "a function",
      async () => () => undefined,
      (value) => typeof value === "function",
    ),
  });
  if (!cluster.isPrimary) throw new Error(`${packageName}: superviseWorkers() runs in the primary process, and this one is a worker`);
  const supervisor = new Supervisor(settings);
  const removeListeners = listenToSignals(supervisor);
  return supervisor.ended.finally(removeListeners);
}

function listenToSignals(supervisor: Supervisor): () => void {
  const guard = signalGuard();
  const stop = (): void => {
    const kind = guard();
    if (kind === "first") supervisor.stop(0);
    else if (kind === "again") supervisor.kill();
  };
  const reload = (): void => supervisor.reload();
  const replace = (): void => void supervisor.replaceAll();
  process.on("SIGTERM", stop).on("SIGINT", stop).on("SIGHUP", reload).on("SIGUSR2", replace);
  return () => {
    process.off("SIGTERM", stop).off("SIGINT", stop).off("SIGHUP", reload).off("SIGUSR2", replace);
  };
}
