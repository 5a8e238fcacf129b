import type { Socket } from "node:net";

import { HttpProblem } from "@aivillage/middleware";

import { type Connection, type Exchange, isWaiting } from "./connection.ts";
import { canBeReplaced, refuse, requestIdOf } from "../refusals/refuse.ts";

const bodyTimeout = new HttpProblem({
  status: 408,
  type: "request-timeout",
  title: "Request timeout",
  detail: "The body of the request did not arrive in time.",
});

/** How slow a client may be. Times in milliseconds. */
export interface Pace {
  /** How often connections are looked at. */
  readonly intervalMs: number;
  /** In each such time a body brings so many bytes. */
  readonly bodyWindowMs: number;
  readonly bodyWindowBytes: number;
  /** A client that takes nothing for so long is cut off, at the latest after twice that. */
  readonly stalledWriteMs: number;
  /** One that does take something may take that long for what waits for it, and a millisecond more for each so many bytes. */
  readonly slowWriteMs: number;
  readonly waitingBytesPerMs: number;
  /** Milliseconds since any moment; default `performance.now`. */
  readonly now?: () => number;
}

/**
 * No byte has moved for the time that the connection had. Between requests that is the time to the next one, and over. Otherwise it is
 * a stalled write, or one that came to an end meanwhile.
 */
export function onSilence(socket: Socket, stalledWriteMs: number): void {
  if (socket.timeout !== stalledWriteMs) socket.destroy();
  // A reset, so that the system forgets what it holds for a client that does not take it.
  else if (socket.writableLength > 0) socket.resetAndDestroy();
  else socket.setTimeout(0);
}

/**
 * Ends a connection whose client sends its body or takes its responses too slowly. Heads and the time between requests have limits in the
 * server itself.
 */
export class PaceWatch {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #pace: Pace;
  /** The request whose body is awaited. */
  #coming: Exchange | undefined;
  readonly #received = { bytes: 0, since: 0 };
  readonly #taken = { bytes: 0, since: 0 };

  constructor(connection: Connection, pace: Pace) {
    this.#connection = connection;
    this.#socket = connection.socket;
    this.#pace = pace;
  }

  check(now: number): void {
    this.#timeWrites();
    if (this.#takesTooSlowly(now)) this.#socket.resetAndDestroy();
    else if (this.#sendsTooSlowly(now)) this.#refuse();
  }

  /**
   * Only the timer of the socket sees a part of a piece leave. It is set where something waits to be taken, and not for every request:
   * timers that come and go with each request cost the garbage collector more than the request itself.
   */
  #timeWrites(): void {
    const { stalledWriteMs } = this.#pace;
    if (this.#socket.writableLength > 0 && this.#socket.timeout !== stalledWriteMs) this.#socket.setTimeout(stalledWriteMs);
  }

  /** Counts what has left whole: of a single large piece nobody learns how much has, so it has more time. */
  #takesTooSlowly(now: number): boolean {
    const waiting = this.#socket.writableLength;
    const bytes = this.#socket.bytesWritten - waiting;
    if (waiting === 0 || bytes !== this.#taken.bytes) note(this.#taken, bytes, now);
    return now - this.#taken.since > this.#pace.slowWriteMs + waiting / this.#pace.waitingBytesPerMs;
  }

  /** While bytes lie here that nobody has read yet, or the request waits for its turn, it is not the client who is slow. */
  #sendsTooSlowly(now: number): boolean {
    const { latest } = this.#connection;
    if (latest === undefined || latest.req.complete || isWaiting(latest)) {
      this.#coming = undefined;
      return false;
    }
    const bytes = this.#socket.bytesRead;
    const isNew = this.#coming !== latest;
    this.#coming = latest;
    const isBusy = latest.req.readableLength > 0 || bytes - this.#received.bytes >= this.#pace.bodyWindowBytes;
    if (isNew || isBusy) note(this.#received, bytes, now);
    return now - this.#received.since > this.#pace.bodyWindowMs;
  }

  #refuse(): void {
    const res = this.#coming?.res;
    if (res !== undefined && canBeReplaced(res)) refuse(this.#socket, bodyTimeout, requestIdOf(res));
    else this.#socket.destroy();
    this.#connection.end();
  }
}

/** In place: every open connection is looked at every second. */
function note(count: { bytes: number; since: number }, bytes: number, since: number): void {
  count.bytes = bytes;
  count.since = since;
}
