import type { Server } from "node:http";
import type { Socket } from "node:net";

import { HttpProblem } from "@aivillage/middleware";

import { type ClientDropped, clientDropped } from "../events.ts";
import { canBeReplaced, type Refuse, requestIdOf } from "../refusals/refuse.ts";
import { type Connection, type Exchange, isWaiting } from "./connection.ts";

const bodyTimeout = new HttpProblem({
  status: 408,
  type: "request-timeout",
  title: "Request timeout",
  detail: "The body of the request did not arrive in time.",
});

/** How slow a client may be, see `HttpServerOptions`. */
export interface Pace {
  readonly bodyWindowMs: number;
  readonly bodyWindowBytes: number;
  readonly stalledResponseMs: number;
  readonly slowResponseMs: number;
  readonly responseBytesPerSecond: number;
}

interface WatchSettings {
  readonly server: Server;
  readonly settings: Pace;
  readonly refuse: Refuse;
}

/**
 * Ends a connection on which no byte has moved for as long as its timer allows. Between requests that is the time to the next one.
 * Otherwise a response is stalled, or was sent meanwhile.
 *
 * @returns whether a response was stalled
 */
export function onSilence(socket: Socket, { isIdle, stalledResponseMs }: { isIdle: boolean; stalledResponseMs: number }): boolean {
  // The time between requests may be as long as that of a stalled response.
  const isOfResponse = !isIdle && socket.timeout === stalledResponseMs;
  const isStalled = isOfResponse && socket.writableLength > 0;
  if (!isOfResponse) socket.destroy();
  // A reset, so that the system forgets what it holds for a client that does not take it.
  else if (isStalled) socket.resetAndDestroy();
  else socket.setTimeout(0);
  return isStalled;
}

/**
 * Ends a connection whose client sends its body or takes its responses too slowly. Heads and the time between requests have limits in the
 * server itself.
 */
export class PaceWatch {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #pace: Pace;
  readonly #server: Server;
  readonly #sendProblem: Refuse;
  /** The request whose body is awaited. */
  #coming: Exchange | undefined;
  readonly #received = { bytes: 0, since: 0 };
  readonly #taken = { bytes: 0, since: 0 };

  constructor(connection: Connection, { server, settings, refuse }: WatchSettings) {
    this.#connection = connection;
    this.#socket = connection.socket;
    this.#pace = settings;
    this.#server = server;
    this.#sendProblem = refuse;
  }

  check(now: number): "at-rest" | "busy" {
    if (this.#isAtRest()) {
      this.#startOver();
      return "at-rest";
    }
    this.#timeWrites();
    if (this.#takesTooSlowly(now)) {
      this.#report("slow-response");
      this.#socket.resetAndDestroy();
    } else if (this.#sendsTooSlowly(now)) {
      this.#report("slow-request");
      this.#refuse();
    }
    return "busy";
  }

  /** Whether nothing is under way that could be slow. Most connections are idle, and the counters of a socket are slow to read. */
  #isAtRest(): boolean {
    const { latest } = this.#connection;
    return this.#socket.writableLength === 0 && (latest === undefined || (latest.req.complete && latest.res.writableFinished));
  }

  /** What was counted before says nothing about what comes next. No socket has a count of -1. */
  #startOver(): void {
    this.#coming = undefined;
    this.#taken.bytes = -1;
  }

  /**
   * Only the timer of the socket sees a part of a chunk leave. It is set where something waits to be taken, and not for every request:
   * timers that come and go with each request cost the garbage collector more than the request itself.
   */
  #timeWrites(): void {
    const { stalledResponseMs } = this.#pace;
    if (this.#socket.writableLength > 0 && this.#socket.timeout !== stalledResponseMs) this.#socket.setTimeout(stalledResponseMs);
  }

  /** Counts the chunks that have left whole. How much of a single large chunk has left is unknown, so it has more time. */
  #takesTooSlowly(now: number): boolean {
    const waiting = this.#socket.writableLength;
    const bytes = this.#socket.bytesWritten - waiting;
    if (waiting === 0 || bytes !== this.#taken.bytes) note(this.#taken, bytes, now);
    return now - this.#taken.since > this.#pace.slowResponseMs + (waiting * 1_000) / this.#pace.responseBytesPerSecond;
  }

  /** While received bytes wait to be read, or the request waits for its turn, the client is not the slow one. */
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
    if (res !== undefined && canBeReplaced(res)) this.#sendProblem(this.#socket, bodyTimeout, requestIdOf(res));
    else this.#socket.destroy();
    this.#connection.end();
  }

  #report(reason: ClientDropped["reason"]): void {
    if (clientDropped.hasSubscribers) clientDropped.publish({ server: this.#server, address: this.#socket.remoteAddress, reason });
  }
}

/** In place: every open connection is looked at every second. */
function note(count: { bytes: number; since: number }, bytes: number, since: number): void {
  count.bytes = bytes;
  count.since = since;
}
