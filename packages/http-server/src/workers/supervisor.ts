import cluster from "node:cluster";

import { optionReason, warnOfOption } from "@aivillage/middleware";

import { workerDied, workersReplaced, workerStartFailed } from "../events.ts";
import { packageName } from "../package-name.ts";
import { handOnConnections } from "./hand-on-connections.ts";
import { restartDelays } from "./restart-delays.ts";
import { SupervisedWorker, type WorkerEnd } from "./supervised-worker.ts";

/** How workers are run, see `SuperviseWorkersOptions`. */
export interface SupervisorSettings {
  readonly workers: number;
  readonly startMs: number;
  readonly stopMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly renew: () => Promise<(() => void) | undefined>;
}

/** The workers of a primary, from the first start to the last end. */
export class Supervisor {
  readonly ended: Promise<number>;
  readonly #end: (exitCode: number) => void;
  readonly #settings: SupervisorSettings;
  readonly #delays = restartDelays();
  /** All that live. */
  readonly #workers = new Set<SupervisedWorker>();
  #hasListened = false;
  #isReplacing = false;
  /** Set when all are to end. */
  #exitCode: number | undefined;

  constructor(settings: SupervisorSettings) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ended = promise;
    this.#end = resolve;
    this.#settings = settings;
    for (let count = 0; count < settings.workers; count += 1) this.#start(true);
  }

  reload(): void {
    for (const worker of this.#workers) void worker.signalWhenListening("SIGHUP");
  }

  /** Stops all workers in order; those that take too long are killed. */
  stop(exitCode: number): void {
    if (this.#exitCode !== undefined) return;
    this.#exitCode = exitCode;
    for (const worker of this.#workers) void worker.stop(this.#settings.stopMs);
    if (this.#workers.size === 0) this.#end(exitCode);
  }

  kill(): void {
    this.#exitCode = 1;
    for (const worker of this.#workers) worker.signal("SIGKILL");
  }

  /** Replaces the workers one by one: each stops when its successor listens. */
  async replaceAll(): Promise<void> {
    if (this.#isReplacing || this.#exitCode !== undefined) return;
    this.#isReplacing = true;
    const takeBack = await this.#renew();
    const replaced = takeBack === undefined ? 0 : await this.#replaceEach();
    if (replaced === 0) takeBack?.();
    if (workersReplaced.hasSubscribers) workersReplaced.publish({ replaced });
    this.#isReplacing = false;
  }

  /** An error of the primary would end all workers: one that cannot be renewed keeps them. */
  async #renew(): Promise<(() => void) | undefined> {
    try {
      return await this.#settings.renew();
    } catch (error) {
      warnOfOption(new Error(`${packageName}: \`renew\` failed, and the workers stay as they are: ${optionReason(error)}`));
      return undefined;
    }
  }

  async #replaceEach(): Promise<number> {
    let replaced = 0;
    for (const old of [...this.#workers].filter(({ isServing }) => isServing)) {
      if (this.#exitCode !== undefined || !(await this.#replace(old))) break;
      replaced += 1;
    }
    return replaced;
  }

  async #replace(old: SupervisedWorker): Promise<boolean> {
    const { startMs, stopMs } = this.#settings;
    const fresh = this.#start(false);
    if (!(await fresh.listensWithin(startMs))) {
      if (workerStartFailed.hasSubscribers) workerStartFailed.publish({ worker: fresh.id });
      return false;
    }
    // One that has died meanwhile has its successor already.
    const retired = old.isServing ? old : fresh;
    fresh.isServing = old.isServing;
    old.isServing = false;
    await retired.stop(stopMs);
    return true;
  }

  #start(isServing: boolean): SupervisedWorker {
    const forked = cluster.fork(this.#settings.env);
    const worker = new SupervisedWorker(forked, isServing);
    handOnConnections(forked, () => [...this.#workers].some((other) => other !== worker && other.isListening));
    this.#workers.add(worker);
    void worker.listening.then((listens) => (this.#hasListened ||= listens));
    void worker.ended.then((end) => this.#onEnd(worker, end));
    return worker;
  }

  #onEnd(worker: SupervisedWorker, { code, signal, livedMs }: WorkerEnd): void {
    const { isServing } = worker;
    this.#workers.delete(worker);
    worker.isServing = false;
    if (this.#exitCode !== undefined) {
      if (this.#workers.size === 0) this.#end(this.#exitCode);
    } else if (isServing && this.#hasListened) this.#restart(worker, this.#delays.after(livedMs), { code, signal });
    // A worker that cannot even start reports why itself, and another one could not start either.
    else if (isServing) this.stop(1);
  }

  #restart({ id }: SupervisedWorker, restartMs: number, { code, signal }: Omit<WorkerEnd, "livedMs">): void {
    if (workerDied.hasSubscribers) workerDied.publish({ worker: id, code, signal, restartMs });
    setTimeout(() => {
      if (this.#exitCode === undefined) this.#start(true);
    }, restartMs);
  }
}
