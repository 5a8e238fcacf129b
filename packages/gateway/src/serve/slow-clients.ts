import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { refuse } from "./client-error.ts";

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
 * Ends the connections of clients that send their bodies or take their answers too slowly. Heads and the time between requests have
 * limits in the server itself.
 *
 * @returns a function that hears of every request before it is answered
 */
export function endSlowClients(server: Server, pace: Pace): (req: IncomingMessage, res: ServerResponse) => void {
  const clients = new Map<Socket, Client>();
  const clock = pace.now ?? (() => performance.now());
  const timer = setInterval(() => {
    const now = clock();
    for (const client of clients.values()) client.check(now);
  }, pace.intervalMs).unref();
  server.on("connection", (socket: Socket) => {
    clients.set(socket, new Client(socket, pace));
    socket.once("close", () => clients.delete(socket));
  });
  server.on("close", () => clearInterval(timer));
  server.on("timeout", (socket: Socket) => onSilence(socket, pace.stalledWriteMs));
  return (req, res) => clients.get(req.socket)?.requested(req, res);
}

/**
 * No byte has moved for the time that the connection had. Between requests that is the time to the next one, and over. Otherwise it is
 * a stalled write, or one that came to an end meanwhile.
 */
function onSilence(socket: Socket, stalledWriteMs: number): void {
  if (socket.timeout !== stalledWriteMs) socket.destroy();
  // A reset, so that the system forgets what it holds for a client that does not take it.
  else if (socket.writableLength > 0) socket.resetAndDestroy();
  else socket.setTimeout(0);
}

class Client {
  readonly #socket: Socket;
  readonly #pace: Pace;
  /** The last request, until it has come whole. */
  #coming: { readonly req: IncomingMessage; readonly res: ServerResponse } | undefined;
  #received = { bytes: 0, since: 0 };
  #taken = { bytes: 0, since: 0 };

  constructor(socket: Socket, pace: Pace) {
    this.#socket = socket;
    this.#pace = pace;
  }

  requested(req: IncomingMessage, res: ServerResponse): void {
    this.#coming = { req, res };
    this.#received.since = 0;
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
    if (waiting === 0 || bytes !== this.#taken.bytes) this.#taken = { bytes, since: now };
    return now - this.#taken.since > this.#pace.slowWriteMs + waiting / this.#pace.waitingBytesPerMs;
  }

  /** While bytes lie here that nobody has read yet, it is not the client who is slow. */
  #sendsTooSlowly(now: number): boolean {
    if (this.#coming?.req.complete !== false) {
      this.#coming = undefined;
      return false;
    }
    const bytes = this.#socket.bytesRead;
    const isNew = this.#received.since === 0;
    const isBusy = this.#coming.req.readableLength > 0 || bytes - this.#received.bytes >= this.#pace.bodyWindowBytes;
    if (isNew || isBusy) this.#received = { bytes, since: now };
    return now - this.#received.since > this.#pace.bodyWindowMs;
  }

  #refuse(): void {
    const res = this.#coming?.res;
    if (res?.headersSent === false) refuse(this.#socket, 408, "The body of the request did not arrive in time.", idOf(res));
    else this.#socket.destroy();
    this.#coming = undefined;
  }
}

function idOf(res: ServerResponse): string | undefined {
  const id = res.getHeader("X-Request-Id");
  return typeof id === "string" ? id : undefined;
}
