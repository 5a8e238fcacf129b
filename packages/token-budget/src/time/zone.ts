const dayMs = 86_400_000;

/** The clock of one time zone: what it shows at an instant, and when it shows something first. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError for a time zone that Node does not know */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** What the clock shows, as the milliseconds that UTC would show the same at. */
  wallMs(instantMs: number): number {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.#format.formatToParts(instantMs)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + modulo(instantMs, 1_000);
  }

  /** How far the clock is ahead of UTC. */
  offsetMs(instantMs: number): number {
    return this.wallMs(instantMs) - instantMs;
  }

  /** The first instant at which the clock shows this or, if it skips this, more. */
  firstInstantAt(wallMs: number): number {
    const [before, after] = [this.offsetMs(wallMs - dayMs), this.offsetMs(wallMs + dayMs)];
    const [early, late] = before > after ? [before, after] : [after, before];
    for (const offset of [early, late]) if (this.offsetMs(wallMs - offset) === offset) return wallMs - offset;
    return this.changeBetween(wallMs - early, wallMs - late);
  }

  /** The instant at which the clock leaves the offset that it has at `fromMs`; it must have another one at `toMs`. */
  changeBetween(fromMs: number, toMs: number): number {
    const offset = this.offsetMs(fromMs);
    let [same, other] = [fromMs, toMs];
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (this.offsetMs(middle) === offset) same = middle;
      else other = middle;
    }
    return other;
  }
}

export function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}
