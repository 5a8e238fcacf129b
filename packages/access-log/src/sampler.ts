import type { AccessLogLine } from "./line.ts";

/** What is kept of a flood: see `AccessLogOptions.sample`. */
export interface SampleOptions {
  /** Lines of one kind that are all written within a second; a kind is a route, a status and an outcome. Default 100. */
  perSecond?: number;
  /** Of the lines beyond, every how many-th is written, with this number as its field `sampled`. Default 100. */
  every?: number;
}

/** The lines of one kind that are not accounted for yet. */
export interface Suppressed {
  readonly kind: Readonly<Pick<AccessLogLine, "route" | "status" | "outcome">> | undefined;
  readonly suppressed: number;
}

interface Kind {
  readonly kind: Suppressed["kind"];
  since: number;
  lines: number;
  held: number;
}

const secondMs = 1_000;
/** Routes may be invented by a careless resolver; what is beyond is one kind. */
const maxKinds = 1_000;

/** Decides which lines of a flood are written, so that written lines, their `sampled` and the summaries add up to all requests. */
export class Sampler {
  readonly #perSecond: number;
  readonly #every: number;
  readonly #summarize: (suppressed: Suppressed) => void;
  readonly #kinds = new Map<string, Kind>();
  readonly #others: Kind = { kind: undefined, since: 0, lines: 0, held: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor({ perSecond, every }: Required<SampleOptions>, summarize: (suppressed: Suppressed) => void) {
    this.#perSecond = perSecond;
    this.#every = every;
    this.#summarize = summarize;
  }

  /** Whether to write this line; marks one that stands for others too. */
  admits(line: AccessLogLine): boolean {
    const kind = this.#kindOf(line);
    const now = performance.now();
    if (now - kind.since >= secondMs) Object.assign(kind, { since: now, lines: 0 });
    kind.lines += 1;
    this.#timer ??= setTimeout(() => this.flush(), secondMs).unref();
    if (kind.lines <= this.#perSecond) return true;
    kind.held += 1;
    if (kind.held < this.#every) return false;
    kind.held = 0;
    line.sampled = this.#every;
    return true;
  }

  /** Sums up what was held back, and forgets kinds that have become quiet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    for (const [key, kind] of this.#kinds) {
      this.#report(kind);
      if (now - kind.since >= secondMs) this.#kinds.delete(key);
    }
    this.#report(this.#others);
  }

  #report(kind: Kind): void {
    if (kind.held === 0) return;
    this.#summarize({ kind: kind.kind, suppressed: kind.held });
    kind.held = 0;
  }

  #kindOf({ route, status, outcome }: AccessLogLine): Kind {
    const key = `${status} ${outcome} ${route}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    if (this.#kinds.size >= maxKinds) return this.#others;
    const made: Kind = { kind: { route, status, outcome }, since: performance.now(), lines: 0, held: 0 };
    this.#kinds.set(key, made);
    return made;
  }
}
