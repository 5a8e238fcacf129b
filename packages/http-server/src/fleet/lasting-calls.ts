/** What a call sets for good. */
export interface LastingCall {
  /** Names what is set: of calls with the same name, only the last counts. */
  readonly name: string;
  /** Whether the call sets what a new worker starts with, so that none must be repeated. Default false. */
  readonly isInitial?: boolean;
}

/** A call and its arguments. */
export type MadeCall = readonly [call: string, args: readonly unknown[]];

/** Names that are kept; the one whose call is the longest ago is forgotten for a further one. */
const mostNames = 1_000;

/** The calls that new workers must repeat. */
export class LastingCalls {
  readonly #calls = new Map<string, MadeCall>();

  note({ name, isInitial = false }: LastingCall, call: MadeCall): void {
    this.#calls.delete(name);
    if (isInitial) return;
    this.#calls.set(name, call);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > mostNames && oldest !== undefined) this.#calls.delete(oldest);
  }

  values(): Iterable<MadeCall> {
    return this.#calls.values();
  }
}
