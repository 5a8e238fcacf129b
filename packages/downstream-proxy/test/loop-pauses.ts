const tickMs = 1;

/** Processor time of this process up to now, in milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Measures for how long the event loop of this process did not run although it had nothing to compute: the machine was busy with others. */
export class LoopPauses {
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  #lastCpu = 0;
  #pausedMs = 0;

  start(): void {
    this.#last = performance.now();
    this.#lastCpu = cpuMs();
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Ends it. @returns the time of pauses since `start()`, in milliseconds */
  stop(): number {
    clearInterval(this.#timer);
    if (this.#timer !== undefined) this.#tick();
    return this.#pausedMs;
  }

  #tick(): void {
    const [now, cpu] = [performance.now(), cpuMs()];
    this.#pausedMs += Math.max(0, now - this.#last - (cpu - this.#lastCpu) - tickMs);
    [this.#last, this.#lastCpu] = [now, cpu];
  }
}
