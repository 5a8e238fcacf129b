import type { Events } from "./events.ts";
import type { Random } from "./random.ts";

/** A server of a model. */
export interface BackendShape {
  readonly name: string;
  /** Calls that it serves at once at full speed. */
  readonly slots: number;
  /** What it does with more: they wait in it (`queues`), or all get slower (`shares`). */
  readonly beyond: "queues" | "shares";
  /** Calls that it holds before it refuses with 503. */
  readonly holds: number;
  /** Milliseconds from the start of a call to its first token: median and spread. */
  readonly firstToken: readonly [median: number, sigma: number];
  /** Milliseconds of the whole response after the first token: median and spread. */
  readonly rest: readonly [median: number, sigma: number];
}

export interface Call {
  onFirstToken(): void;
  onEnd(): void;
  onRefused(): void;
}

export class Backend {
  readonly #shape: BackendShape;
  readonly #events: Events;
  readonly #random: Random;
  readonly #queue: Call[] = [];
  #running = 0;

  constructor(shape: BackendShape, events: Events, random: Random) {
    this.#shape = shape;
    this.#events = events;
    this.#random = random;
  }

  call(call: Call): void {
    const { slots, holds, beyond } = this.#shape;
    if (this.#running + this.#queue.length >= holds) return call.onRefused();
    if (beyond === "queues" && this.#running >= slots) return void this.#queue.push(call);
    this.#run(call);
  }

  #run(call: Call): void {
    const { slots, firstToken, rest } = this.#shape;
    this.#running += 1;
    const slowness = Math.max(1, this.#running / slots);
    this.#events.after(slowness * this.#random.logNormal(...firstToken), () => {
      call.onFirstToken();
      const restSlowness = Math.max(1, this.#running / slots);
      this.#events.after(restSlowness * this.#random.logNormal(...rest), () => this.#end(call));
    });
  }

  #end(call: Call): void {
    this.#running -= 1;
    // Those that wait in the backend come before the one for which this makes room.
    const next = this.#queue.shift();
    if (next !== undefined) this.#run(next);
    call.onEnd();
  }
}
