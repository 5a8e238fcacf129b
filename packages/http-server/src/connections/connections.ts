import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { connectionLimited, type ConnectionLimited } from "../events.ts";
import type { Refuse } from "../refusals/refuse.ts";
import { ConnectionLimits, type ConnectionLimitSettings } from "./connection-limits.ts";
import { Connection } from "./connection.ts";
import { type Pace, PaceWatch } from "./pace-watch.ts";

/** What the connections of a server have in common. */
interface Common {
  readonly server: Server;
  readonly settings: ConnectionLimitSettings & Pace & { readonly maxPipelined: number };
  readonly refuse: Refuse;
}

interface Watched {
  readonly connection: Connection;
  readonly watch: PaceWatch;
}

/** The open connections of a server. */
export class Connections {
  readonly #handler: RequestListener;
  readonly #common: Common;
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<Socket, Watched>();

  constructor(handler: RequestListener, common: Common) {
    this.#handler = handler;
    this.#common = common;
    this.#limits = new ConnectionLimits(common.settings, (limit, action) => report({ server: common.server, limit, action }));
  }

  open(socket: Socket): void {
    const handedOver = this.get(socket);
    if (handedOver !== undefined) return handedOver.takeBack();
    const { server, settings } = this.#common;
    const connection = new Connection(socket, {
      handler: this.#handler,
      maxPipelined: settings.maxPipelined,
      onCrowded: () => report({ server, limit: "pipelining", action: "closed" }),
      now: settings.now,
    });
    if (!this.#limits.admit(connection)) return void socket.destroy();
    this.#open.set(socket, { connection, watch: new PaceWatch(connection, this.#common) });
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

  /** Leaves a connection that has changed its protocol to others. It still counts, and is never idle. */
  handOver(socket: Socket): void {
    this.get(socket)?.handOver();
  }

  /** Ends the connections that have changed their protocol. Node has forgotten them, and ends only the others. */
  cutHandedOver(): void {
    for (const [socket, { connection }] of this.#open) if (connection.isHandedOver) socket.destroy();
  }

  /** Ends those whose client is too slow, and notes since when the others are idle. */
  check(now: number): void {
    for (const { connection, watch } of this.#open.values()) {
      if (connection.isHandedOver) continue;
      if (connection.isIdle) connection.idleSince(now);
      watch.check(now);
    }
  }
}

function report(message: ConnectionLimited): void {
  if (connectionLimited.heard) connectionLimited.publish(message);
}
