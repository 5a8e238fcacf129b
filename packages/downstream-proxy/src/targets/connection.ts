import type { Socket } from "node:net";

import { buildConnector, Client, type Dispatcher } from "undici";

import type { Settings } from "../options/read-options.ts";
import { outliveFailedWrites } from "./failed-writes.ts";

/** Makes connections to one replica, which share its TLS sessions. */
export type Connector = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket;

export function makeConnector({ connectTimeoutMs, connections }: Settings): Connector {
  const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false, maxCachedSessions: Math.min(connections, 100) });
  // It returns the socket, but its types do not say so.
  return connect as unknown as Connector;
}

/**
 * One connection to a replica, made when it is needed and made again after it was closed. It carries one request at a time.
 *
 * It does not come from a pool, because the request that waits for it must be able to abort it while it is being made.
 */
export class Connection {
  readonly #client: Client;
  #connecting: Socket | undefined;
  #socket: Socket | null = null;
  #connects = 0;

  constructor(origin: string, connector: Connector, { idleTimeoutMs }: Settings) {
    this.#client = new Client(origin, {
      connect: (options: buildConnector.Options, callback: buildConnector.Callback) => this.#connect(connector, options, callback),
      // `ResponseClock` enforces it: undici restarts this timeout at each informational response.
      headersTimeout: 0,
      bodyTimeout: idleTimeoutMs,
      allowH2: false,
    });
  }

  /** How often it has been made. A request during which this does not change used an existing connection. */
  get connects(): number {
    return this.#connects;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(options, handler);
  }

  /** Whether the operating system has every byte that was written to it. */
  get flushed(): boolean {
    return this.#socket?.writableLength === 0;
  }

  /** Closes it now; the next request makes a new one. */
  reset(): void {
    this.#socket?.destroy();
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
    this.#connects += 1;
    this.#connecting = connector(options, (...result) => {
      this.#connecting = undefined;
      // There is no socket if it fails, whatever the types say.
      this.#socket = result[1] ?? null;
      if (this.#socket !== null) outliveFailedWrites(this.#socket);
      callback(...result);
    });
  }
}
