import type { Outlet } from "../body/body-types.ts";
import { MalformedResponse, maxInformational } from "./check-response.ts";
import { Deadlines, type Timed } from "./deadlines.ts";

/** Which deadline passed: for the head of the response, for its first content, for the whole response, or for a stream. */
export type Lateness = "head" | "first" | "response" | "stream";

interface Limits {
  readonly headersTimeoutMs: number;
  /** 0 for none. */
  readonly firstEventTimeoutMs?: number;
  /** 0 for none. */
  readonly responseTimeoutMs: number;
  /** 0 for none. */
  readonly maxStreamMs: number;
}

/**
 * One list for each kind of deadline, so that new ones belong near the end. In a common list a new request would walk past all the streams
 * and long responses that end later.
 */
export type ClockDeadlines = Readonly<Record<Lateness, Deadlines>>;

export function makeClockDeadlines(): ClockDeadlines {
  return { head: new Deadlines(), first: new Deadlines(), response: new Deadlines(), stream: new Deadlines() };
}

/** The attempt that the clock is for. */
export interface ClockOwner {
  onLate(what: Lateness, limitMs: number): void;
}

/**
 * Enforces the time limits of the target for one attempt.
 *
 * Time runs from when the request, or its latest part, was sent. It stops while the client is slow to send the request or to take the
 * response. Informational responses do not restart it. Each event only records the time; the actual deadline is computed when the one
 * that was set at the start passes.
 */
export class ResponseClock implements Timed {
  dueAt = 0;
  earlier: Timed | undefined;
  later: Timed | undefined;
  readonly #deadlines: ClockDeadlines;
  /** The list that it is in, if any. */
  #list: Deadlines;
  readonly #limits: Limits;
  readonly #owner: ClockOwner;
  #what: Lateness = "head";
  #isStream = false;
  #outlet: Outlet | undefined;
  #since = 0;
  #isSent = false;
  #informational = 0;
  /** How long the client has kept the response waiting. */
  #heldMs = 0;
  #heldSince: number | undefined;
  /** The deadline passed while the client kept the response waiting. */
  #hasLapsed = false;

  constructor(deadlines: ClockDeadlines, limits: Limits, owner: ClockOwner) {
    this.#deadlines = deadlines;
    this.#list = deadlines.head;
    this.#limits = limits;
    this.#owner = owner;
  }

  /** The request is being sent. */
  start(outlet: Outlet): void {
    this.#outlet = outlet;
    this.#since = performance.now();
    this.#schedule();
  }

  /** A part of the body was sent. */
  progressed(): void {
    if (!this.#isSent) this.#since = performance.now();
  }

  sent(): void {
    this.#since = performance.now();
    this.#isSent = true;
  }

  /** @throws MalformedResponse if the target sends too many */
  countInformational(): void {
    this.#informational += 1;
    if (this.#informational > maxInformational) throw new MalformedResponse("too many informational responses");
  }

  /** The head of the final response has arrived. */
  responded(isStream: boolean): void {
    this.#isStream = isStream;
    if (!this.#limits.firstEventTimeoutMs) return this.#beginBody();
    this.#what = "first";
    this.#schedule();
  }

  /** Content has arrived. */
  received(): void {
    if (this.#what !== "first") return;
    this.#beginBody();
    if (!this.#isStream) this.#schedule();
  }

  #beginBody(): void {
    this.#what = this.#isStream ? "stream" : "response";
    if (!this.#isStream) return;
    this.#since = performance.now();
    this.#schedule();
  }

  /** The client does not keep up with the response. */
  hold(): void {
    this.#heldSince ??= performance.now();
  }

  /** The client keeps up again. */
  resume(): void {
    if (this.#heldSince === undefined) return;
    this.#heldMs += performance.now() - this.#heldSince;
    this.#heldSince = undefined;
    if (this.#hasLapsed) this.#schedule();
    this.#hasLapsed = false;
  }

  stop(): void {
    this.#list.clear(this);
  }

  expire(now: number): void {
    if (this.#limitMs() === Infinity) return;
    if (this.#what !== "stream") {
      this.#hasLapsed = this.#heldSince !== undefined;
      if (this.#hasLapsed) return;
      // Everything read of the request has been sent: the client has not sent more.
      if (!this.#isSent && this.#outlet?.flushed === true) this.#since = now;
    }
    if (this.#due() > now) this.#schedule();
    else this.#owner.onLate(this.#lateness(), this.#limitMs());
  }

  /** Without a head there is no content either. */
  #lateness(): Lateness {
    return this.#what === "head" && this.#limitMs() === this.#limits.firstEventTimeoutMs ? "first" : this.#what;
  }

  #schedule(): void {
    const list = this.#deadlines[this.#what];
    if (list !== this.#list) this.#list.clear(this);
    this.#list = list;
    list.set(this, this.#due());
  }

  #due(): number {
    return this.#since + this.#limitMs() + (this.#what === "response" ? this.#heldMs : 0);
  }

  #limitMs(): number {
    const { headersTimeoutMs, firstEventTimeoutMs = 0, responseTimeoutMs, maxStreamMs } = this.#limits;
    if (this.#what === "stream") return maxStreamMs || Infinity;
    if (this.#what === "first") return firstEventTimeoutMs;
    const wholeMs = responseTimeoutMs || Infinity;
    return this.#what === "head" ? Math.min(headersTimeoutMs, firstEventTimeoutMs || Infinity, wholeMs) : wholeMs;
  }
}
