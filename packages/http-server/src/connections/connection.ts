import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A request and its response. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** Whether a request waits for the responses before its own. */
export function isWaiting({ res }: Exchange): boolean {
  return res.socket === null && !res.writableFinished;
}

/**
 * Pipelined requests that may wait on one connection for the response before them, or follow another one in the same read. The response
 * to the last one closes the connection.
 */
const maxPipelined = 32;

/** The parser of a connection, which Node neither documents nor types. */
interface Parsing {
  readonly parser?: { onIncoming?: unknown } | null;
}

/** Ends a parser's work on the bytes it was given; what follows them is dropped as well. */
const stopParsing = (): number => 2;

/**
 * The requests of one client connection, handled one after the other.
 *
 * Node hands over every pipelined request of a chunk at once. Each would begin its work and keep its response in memory until its turn,
 * so a request waits here for the responses before it. A client whose requests are not all handled sends the rest again (RFC 9112, 9.3.2).
 */
export class Connection {
  readonly socket: Socket;
  readonly #handler: RequestListener;
  readonly #onCrowded: () => void;
  #latest: Exchange | undefined;
  #bytesRead = 0;
  #takenOfRead = 0;
  #waiting: Exchange[] | undefined;
  #idleSince: number | undefined = performance.now();
  /** Nothing that follows is read: the connection closes with the responses that are still to come. */
  #isEnding = false;

  /** @param onCrowded called once, when more requests wait than may */
  constructor(socket: Socket, handler: RequestListener, onCrowded: () => void) {
    this.socket = socket;
    this.#handler = handler;
    this.#onCrowded = onCrowded;
  }

  /** The request that came last, handled or not. */
  get latest(): Exchange | undefined {
    return this.#latest;
  }

  /** Whether no response is to come, or on its way. A request whose head has not come whole does not count. */
  get isIdle(): boolean {
    return this.#latest === undefined || this.#latest.res.writableFinished;
  }

  /** When it was first seen idle, as `performance.now()` counts. */
  idleSince(now: number): number {
    return (this.#idleSince ??= now);
  }

  /** Whether what comes next on the connection is dropped, as the client or this side has announced its end. */
  get isEnding(): boolean {
    return this.#isEnding || this.#latest?.res.shouldKeepAlive === false;
  }

  end(): void {
    this.#isEnding = true;
  }

  take(req: IncomingMessage, res: ServerResponse): void {
    if (this.#isEnding) return;
    const before = this.#latest;
    this.#latest = { req, res };
    this.#idleSince = undefined;
    // Before a request with a body, Node ends the response to the one before: then none waits, but all are handled in one go.
    if (this.#countOfRead() > maxPipelined) this.#stopReading(this.#latest);
    // A response that has the connection is the first in line.
    if (res.socket !== null || before === undefined) this.#handler(req, res);
    else this.#wait(before, this.#latest);
  }

  #wait(before: Exchange, exchange: Exchange): void {
    this.#waiting ??= [];
    // Else the response before it has its listener already, or gets it with its turn.
    if (this.#waiting.length === 0) before.res.once("close", this.#next);
    if (this.#waiting.push(exchange) === maxPipelined) this.#stopReading(exchange);
  }

  /** How many requests have come with the last bytes that were read. */
  #countOfRead(): number {
    const { bytesRead } = this.socket;
    this.#takenOfRead = bytesRead === this.#bytesRead ? this.#takenOfRead + 1 : 1;
    this.#bytesRead = bytesRead;
    return this.#takenOfRead;
  }

  readonly #next = (): void => {
    const exchange = this.#waiting?.shift();
    if (exchange === undefined) return;
    // The response before it has closed the connection.
    if (exchange.res.socket === null) return void (this.#waiting = undefined);
    if (this.#waiting !== undefined && this.#waiting.length > 0) exchange.res.once("close", this.#next);
    this.#handler(exchange.req, exchange.res);
  };

  #stopReading({ res }: Exchange): void {
    if (this.#isEnding) return;
    const { parser } = this.socket as Parsing;
    res.shouldKeepAlive = false;
    this.#isEnding = true;
    this.#onCrowded();
    // Objects for thousands of requests in one chunk would be made only to be thrown away.
    if (parser?.onIncoming !== undefined) parser.onIncoming = stopParsing;
  }
}
