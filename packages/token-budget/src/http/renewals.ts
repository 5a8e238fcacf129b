/** Whatever must be renewed while it runs. */
export interface Renewed {
  renew(): void;
}

/** Renews what runs in regular beats, and rests while nothing does. */
export class Renewals {
  readonly #everyMs: number;
  readonly #running = new Set<Renewed>();
  #timer: NodeJS.Timeout | undefined;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  add(running: Renewed): void {
    this.#running.add(running);
    this.#timer ??= setInterval(() => {
      for (const each of this.#running) each.renew();
    }, this.#everyMs).unref();
  }

  delete(running: Renewed): void {
    this.#running.delete(running);
    if (this.#running.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
