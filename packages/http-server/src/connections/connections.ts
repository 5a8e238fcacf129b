import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { ConnectionLimited } from "../events.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { Connection } from "./connection.ts";
import { type Pace, PaceWatch } from "./pace-watch.ts";

/** What the connections of a server have in common. */
interface Common {
  readonly pace: Pace;
  readonly onLimited: (reached: ConnectionLimited) => void;
}

interface Watched {
  readonly connection: Connection;
  readonly watch: PaceWatch;
}

/** The open connections of a server. */
export class Connections {
  readonly #handler: RequestListener;
  readonly #limits: ConnectionLimits;
  readonly #common: Common;
  readonly #open = new Map<Socket, Watched>();

  constructor(handler: RequestListener, limits: ConnectionLimits, common: Common) {
    this.#handler = handler;
    this.#limits = limits;
    this.#common = common;
  }

  open(socket: Socket): void {
    const { pace, onLimited } = this.#common;
    const connection = new Connection(socket, this.#handler, () => onLimited({ limit: "pipelining", action: "closed" }));
    if (!this.#limits.admit(connection)) return void socket.destroy();
    this.#open.set(socket, { connection, watch: new PaceWatch(connection, pace) });
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#limits.release(connection);
    });
  }

  get(socket: Socket): Connection | undefined {
    return this.#open.get(socket)?.connection;
  }

  take(req: IncomingMessage, res: ServerResponse): void {
    this.#open.get(req.socket)?.connection.take(req, res);
  }

  /** Ends those whose client is too slow, and notes since when the others are idle. */
  check(now: number): void {
    for (const { connection, watch } of this.#open.values()) {
      if (connection.isIdle) connection.idleSince(now);
      watch.check(now);
    }
  }
}
