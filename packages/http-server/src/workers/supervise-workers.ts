import cluster, { type Worker } from "node:cluster";

import type { GatewayConfig } from "../../../gateway/src/config/gateway-config.ts";
import type { GatewayLogger } from "../../../gateway/src/dependencies.ts";
import { workerMark } from "../../../gateway/src/run/hand-over.ts";
import { restartDelays } from "./restart-delays.ts";
import { whenEnded, whenListening } from "./supervised-worker.ts";

/** Time that a stopped worker has beyond its own limits. */
const extraMs = 5_000;
/** Time that a new worker has to listen. */
const startMs = 30_000;
/** A signal that comes again within this time is the same one, handed on by a terminal or package manager. */
const sameSignalMs = 1_000;

/** Takes a new configuration for workers to come, and returns how to take it back; `undefined` when it is refused. */
export type Renew = () => Promise<(() => void) | undefined>;

/**
 * Runs the primary of a gateway with several workers: starts them, replaces those that die, hands signals on, and resolves with the
 * exit code when all have ended.
 *
 * SIGTERM and SIGINT stop all in order, and a second one at once; SIGHUP makes each load its configuration again; SIGUSR2
 * replaces them one by one under a new one, so that there is always one that answers.
 */
export function superviseWorkers(config: GatewayConfig, logger: GatewayLogger, renew: Renew): Promise<number> {
  const supervisor = new Supervisor(config, logger);
  let stoppedAt: number | undefined;
  const onStop = (): void => {
    const again = stoppedAt !== undefined && performance.now() - stoppedAt > sameSignalMs;
    stoppedAt ??= performance.now();
    if (again) supervisor.kill();
    else supervisor.stop(0);
  };
  process.on("SIGTERM", onStop).on("SIGINT", onStop);
  process.on("SIGHUP", () => supervisor.reload());
  process.on("SIGUSR2", () => void supervisor.replaceAll(renew));
  return supervisor.ended;
}

class Supervisor {
  readonly ended: Promise<number>;
  readonly #end: (exitCode: number) => void;
  readonly #logger: GatewayLogger;
  readonly #stopMs: number;
  readonly #delays = restartDelays();
  /** All that live: those that serve, those that start in place of another, and those that end. */
  readonly #workers = new Set<Worker>();
  /** Those that are replaced when they die. There are as many as configured, counting those whose restart waits. */
  readonly #serving = new Set<Worker>();
  readonly #listening = new WeakSet<Worker>();
  #hasListened = false;
  #replacing = false;
  #exitCode: number | undefined;

  constructor({ server }: GatewayConfig, logger: GatewayLogger) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ended = promise;
    this.#end = resolve;
    this.#logger = logger;
    this.#stopMs = (server.drainDelaySeconds + server.drainSeconds) * 1_000 + extraMs;
    for (let count = 0; count < server.workers; count += 1) this.#serving.add(this.#start());
  }

  /** A worker that does not listen yet would die of the signal: it gets it when it can hear it. */
  reload(): void {
    for (const worker of this.#workers) {
      if (this.#listening.has(worker)) worker.process.kill("SIGHUP");
      else worker.once("listening", () => worker.process.kill("SIGHUP"));
    }
  }

  /** Stops all workers in order; those that take too long are killed. */
  stop(exitCode: number): void {
    if (this.#exitCode !== undefined) return;
    this.#exitCode = exitCode;
    this.#signal("SIGTERM");
    setTimeout(() => this.#signal("SIGKILL"), this.#stopMs).unref();
    if (this.#workers.size === 0) this.#end(exitCode);
  }

  kill(): void {
    this.#exitCode = 1;
    this.#signal("SIGKILL");
  }

  /** Replaces the workers one by one: each stops when its successor listens. */
  async replaceAll(renew: Renew): Promise<void> {
    if (this.#replacing || this.#exitCode !== undefined) return;
    this.#replacing = true;
    const takeBack = await renew();
    const replaced = takeBack === undefined ? 0 : await this.#replaceEach([...this.#serving]);
    if (replaced === 0) takeBack?.();
    this.#logger.info({ replaced }, "workers replaced");
    this.#replacing = false;
  }

  async #replaceEach(present: readonly Worker[]): Promise<number> {
    let replaced = 0;
    for (const old of present) {
      if (this.#exitCode !== undefined || !(await this.#replace(old))) break;
      replaced += 1;
    }
    return replaced;
  }

  async #replace(old: Worker): Promise<boolean> {
    const fresh = this.#start();
    if (!(await whenListening(fresh, startMs))) {
      fresh.process.kill("SIGKILL");
      this.#logger.error({ worker: fresh.id }, "a new worker does not listen, the others stay");
      return false;
    }
    // One that has died meanwhile has its successor already.
    const retired = this.#serving.delete(old) ? old : fresh;
    if (retired === old) this.#serving.add(fresh);
    retired.process.kill("SIGTERM");
    await whenEnded(retired, this.#stopMs);
    return true;
  }

  #signal(signal: NodeJS.Signals): void {
    for (const worker of this.#workers) worker.process.kill(signal);
  }

  #start(): Worker {
    const startedAt = performance.now();
    const worker = cluster.fork({ [workerMark]: "1" });
    this.#workers.add(worker);
    worker.once("listening", () => {
      this.#hasListened = true;
      this.#listening.add(worker);
    });
    worker.once("exit", (code, signal) => this.#onExit(worker, { code, signal, livedMs: performance.now() - startedAt }));
    return worker;
  }

  #onExit(worker: Worker, { code, signal, livedMs }: { code: number; signal: string; livedMs: number }): void {
    this.#workers.delete(worker);
    const served = this.#serving.delete(worker);
    if (this.#exitCode !== undefined) {
      if (this.#workers.size === 0) this.#end(this.#exitCode);
      return;
    }
    if (!served) return;
    // A worker that cannot even start tells why by itself, and another one could not start either.
    if (!this.#hasListened) return this.stop(1);
    const delayMs = this.#delays.after(livedMs);
    this.#logger.error({ worker: worker.id, code, signal, restart_ms: delayMs }, "worker died");
    setTimeout(() => {
      if (this.#exitCode === undefined) this.#serving.add(this.#start());
    }, delayMs);
  }
}
