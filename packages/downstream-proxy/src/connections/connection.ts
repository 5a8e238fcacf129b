import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

import { type buildConnector, Client, type Dispatcher } from "undici";

import { isDelimited, type ResponseHeaders } from "../fields/response-head.ts";
import type { Settings } from "../options/read-options.ts";
import type { Connecting, Connector } from "./connector.ts";
import { outliveFailedWrites } from "./failed-writes.ts";

/**
 * One connection to a replica, made when it is needed and made again after it was closed. It carries one request at a time.
 *
 * It does not come from a pool, because the request that waits for it must be able to abort it while it is being made.
 */
export class Connection {
  readonly #client: Client;
  readonly #settings: Settings;
  /** What the target has chosen: one with `http2` may choose HTTP/1.1 too. */
  #speaksHttp2 = false;
  /** Nothing but its end says where the response ends. */
  #endsResponse = false;
  #connecting: Connecting | undefined;
  #socket: Socket | null = null;
  #isReused = false;
  /** Monotonic, in milliseconds. */
  #expiresAt = Infinity;
  #idleSince = 0;
  #requests = 0;

  constructor(origin: string, connector: Connector, settings: Settings, http2: boolean) {
    const { idleTimeoutMs, keepAliveMs, maxHeaderBytes } = settings;
    this.#settings = settings;
    this.#client = new Client(origin, {
      connect: (options: buildConnector.Options, callback: buildConnector.Callback) => this.#connect(connector, options, callback),
      // `ResponseClock` enforces it: undici restarts this timeout at each informational response.
      headersTimeout: 0,
      bodyTimeout: idleTimeoutMs,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      maxHeaderSize: maxHeaderBytes,
      allowH2: http2,
    });
  }

  /** Whether the request that it carries came on a connection that existed before. */
  get isReused(): boolean {
    return this.#isReused;
  }

  get protocolVersion(): "1.1" | "2" {
    return this.#speaksHttp2 ? "2" : "1.1";
  }

  /**
   * The error that has ended a response which ends with the connection. It is not complete then (RFC 9112, 8), but undici reports its end.
   * An error response may come before the request was read, and then a reset follows: it counts as complete.
   */
  get brokenEnd(): Error | undefined {
    return this.#endsResponse ? (this.#socket?.errored ?? undefined) : undefined;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#requests += 1;
    this.#isReused = true;
    this.#client.dispatch(options, handler);
  }

  /** The head of the response has arrived. */
  responded(status: number, headers: ResponseHeaders): void {
    this.#endsResponse = !this.#speaksHttp2 && status < 400 && !isDelimited(headers);
  }

  /** Whether the operating system has every byte that was written to it. HTTP/2 sends the rest of a request on its own stream. */
  get flushed(): boolean {
    return this.#speaksHttp2 || this.#socket?.writableLength === 0;
  }

  /** Closes it now; the next request makes a new one. */
  reset(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  /** The request that it carried has ended. */
  released(now: number): void {
    this.#idleSince = now;
    const { maxRequestsPerConnection: max } = this.#settings;
    if (now >= this.#expiresAt || (max > 0 && this.#requests >= max)) this.reset();
  }

  /** Before the next request: closes it if it is too old, or was idle for so long that the target may be closing it. */
  renew(now: number): void {
    if (now >= this.#expiresAt || now - this.#idleSince >= this.#settings.keepAliveMs) this.reset();
  }

  /** Aborts a connection that is being made; the request that waits for it fails. */
  cutConnecting(reason: Error): void {
    this.#connecting?.destroy(reason);
  }

  /** Resolves when the request that it carries has ended. */
  close(): Promise<void> {
    return this.#client.close();
  }

  #connect(connector: Connector, options: buildConnector.Options, callback: buildConnector.Callback): void {
    this.#isReused = false;
    this.#requests = 1;
    this.#connecting = connector(options, (...result) => {
      this.#connecting = undefined;
      // There is no socket if it fails, whatever the types say.
      this.#socket = result[1] ?? null;
      if (this.#socket !== null) this.#made(this.#socket);
      callback(...result);
    });
  }

  /** Connections that were made together must not all end together. */
  #made(socket: Socket): void {
    const { maxConnectionAgeMs } = this.#settings;
    this.#expiresAt = maxConnectionAgeMs === 0 ? Infinity : performance.now() + maxConnectionAgeMs * (1 - Math.random() / 4);
    // undici decides by this as well, and sets it on connections without TLS.
    this.#speaksHttp2 = (socket as TLSSocket).alpnProtocol === "h2";
    if (!this.#speaksHttp2) outliveFailedWrites(socket);
  }
}
