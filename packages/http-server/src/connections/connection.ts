/* oxlint-disable no-underscore-dangle -- a member of Node's that is named so */
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

/** What all connections of a server have in common. */
export interface ConnectionSettings {
  readonly handler: RequestListener;
  /**
   * Requests that may wait on one connection for the responses before them, or follow another one in the same read. The response to the
   * last one closes the connection.
   */
  readonly maxPipelined: number;
  /** Called once, when more requests wait than may. */
  readonly onCrowded: () => void;
  readonly now: () => number;
}

/** The parser of a connection, which Node neither documents nor types. */
interface Parsing {
  readonly parser?: { onIncoming?: unknown } | null;
}

/** Set when the head of a response has said that it closes the connection. Node neither documents nor types it. */
interface Closing {
  readonly _last?: boolean;
}

/** Ends a parser's work on the bytes it was given. What follows them is dropped as well. */
const stopParsing = (): number => 2;

/**
 * The requests of one client connection, handled one after the other.
 *
 * Node hands over every pipelined request of a chunk at once. Each would begin its work and keep its response in memory until its turn,
 * so a request waits here for the responses before it. A client whose requests are not all handled sends the rest again (RFC 9112, 9.3.2).
 */
export class Connection {
  readonly socket: Socket;
  readonly #settings: ConnectionSettings;
  #latest: Exchange | undefined;
  #bytesRead = 0;
  #takenOfRead = 0;
  #waiting: Exchange[] | undefined;
  #idleSince: number | undefined;
  /** Nothing that follows is read: the connection closes with the responses that are still to come. */
  #isEnding = false;
  #isHandedOver = false;

  constructor(socket: Socket, settings: ConnectionSettings) {
    this.socket = socket;
    this.#settings = settings;
    this.#idleSince = settings.now();
  }

  /** The request that came last, handled or not. */
  get latest(): Exchange | undefined {
    return this.#latest;
  }

  /** Whether no response is to come, or on its way. A request whose head has not arrived whole does not count. */
  get isIdle(): boolean {
    return !this.#isHandedOver && (this.#latest === undefined || this.#latest.res.writableFinished);
  }

  /** Whether it speaks another protocol by now, and somebody else looks after it. */
  get isHandedOver(): boolean {
    return this.#isHandedOver;
  }

  handOver(): void {
    this.#isHandedOver = true;
    this.socket.setTimeout(0);
  }

  /** The server handles its requests again: the offer to speak another protocol was ignored. */
  takeBack(): void {
    this.#isHandedOver = false;
  }

  /** When it was first seen idle. */
  idleSince(now: number): number {
    return (this.#idleSince ??= now);
  }

  /** Whether what comes next on the connection is dropped, as the client or this side has announced its end. */
  get isEnding(): boolean {
    return this.#isEnding || (this.#latest !== undefined && closesConnection(this.#latest.res));
  }

  end(): void {
    this.#isEnding = true;
  }

  take(req: IncomingMessage, res: ServerResponse): void {
    if (this.isEnding) return;
    const before = this.#latest;
    this.#latest = { req, res };
    this.#idleSince = undefined;
    // Before a request with a body, Node ends the response to the one before: then none waits, but all are handled in one go.
    if (this.#countOfRead() > this.#settings.maxPipelined) this.#stopReading(this.#latest);
    // A response that has the connection is the first in line.
    if (res.socket !== null || before === undefined) this.#settings.handler(req, res);
    else this.#wait(before, this.#latest);
  }

  #wait(before: Exchange, exchange: Exchange): void {
    this.#waiting ??= [];
    // Else the response before it has its listener already, or gets it with its turn.
    if (this.#waiting.length === 0) before.res.once("close", this.#next);
    if (this.#waiting.push(exchange) === this.#settings.maxPipelined) this.#stopReading(exchange);
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
    this.#settings.handler(exchange.req, exchange.res);
  };

  #stopReading({ res }: Exchange): void {
    if (this.#isEnding) return;
    const { parser } = this.socket as Parsing;
    res.shouldKeepAlive = false;
    this.#isEnding = true;
    this.#settings.onCrowded();
    // Objects for thousands of requests in one chunk would be made only to be thrown away.
    if (parser?.onIncoming !== undefined) parser.onIncoming = stopParsing;
  }
}

function closesConnection(res: ServerResponse & Closing): boolean {
  return !res.shouldKeepAlive || res._last === true;
}
