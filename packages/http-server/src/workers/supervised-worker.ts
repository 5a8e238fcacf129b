import type { Worker } from "node:cluster";

/** How a worker has ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly livedMs: number;
}

/** A worker and where it is in its life. */
export class SupervisedWorker {
  /** Whether it is replaced when it dies. Neither a replacement that starts nor a worker that was asked to stop is. */
  isServing: boolean;
  readonly id: number;
  /** Resolves to true when it listens, to false when it dies before. */
  readonly listening: Promise<boolean>;
  readonly ended: Promise<WorkerEnd>;
  readonly #worker: Worker;
  #isListening = false;
  #isStopping = false;

  constructor(worker: Worker, isServing: boolean) {
    const startedAt = performance.now();
    this.#worker = worker;
    this.id = worker.id;
    this.isServing = isServing;
    // A message to a worker that has just died fails; without a listener that would end the primary. Its exit is what counts.
    worker.on("error", () => undefined);
    this.listening = new Promise((resolve) => {
      worker.once("listening", () => resolve((this.#isListening = true))).once("exit", () => resolve(false));
    });
    worker.once("exit", () => {
      this.#isListening = false;
    });
    this.ended = new Promise((resolve) => {
      worker.once("exit", (code: number | null, signal: string | null) => {
        resolve({ code, signal, livedMs: performance.now() - startedAt });
      });
    });
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  signal(signal: NodeJS.Signals): void {
    this.#worker.process.kill(signal);
  }

  /** A worker that does not listen yet would die of a signal that it has no listener for. */
  async signalWhenListening(signal: NodeJS.Signals): Promise<void> {
    if (await this.listening) this.signal(signal);
  }

  /** Whether it listens within the limit; otherwise it is killed. */
  async listensWithin(limitMs: number): Promise<boolean> {
    const timer = setTimeout(() => this.signal("SIGKILL"), limitMs);
    const listens = await this.listening;
    clearTimeout(timer);
    return listens;
  }

  /** Stops it in order, and kills it when that takes longer than the limit. Resolves when it has ended. */
  async stop(limitMs: number): Promise<void> {
    // A second signal would end it at once.
    if (!this.#isStopping) this.signal("SIGTERM");
    this.#isStopping = true;
    const timer = setTimeout(() => this.signal("SIGKILL"), limitMs);
    await this.ended;
    clearTimeout(timer);
  }
}
