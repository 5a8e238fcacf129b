import type { Events } from "./events.ts";
import type { Random } from "./random.ts";
import type { Times } from "./times.ts";

/** A server of a model. */
export interface BackendShape {
  readonly name: string;
  /** Calls that it serves at once at full speed. */
  readonly slots: number;
  /** What it does with more: they wait in it (`queues`), or all get slower (`shares`). */
  readonly beyond: "queues" | "shares";
  /** Calls that it holds before it refuses with 503. */
  readonly holds: number;
  /** From the start of a call to its first token. */
  readonly firstToken: Times;
  /** Of the whole response after the first token. */
  readonly rest: Times;
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
    this.#events.after(slowness * firstToken.draw(this.#random), () => {
      call.onFirstToken();
      const restSlowness = Math.max(1, this.#running / slots);
      this.#events.after(restSlowness * rest.draw(this.#random), () => this.#end(call));
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
