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

/** Every so many checks look at all connections. The others look at those that were busy, since most connections rest most of the time. */
const checksBetweenSweeps = 10;
/** A client that has just connected may have sent a request that is still on its way. */
const silentMs = 1_000;

/** The open connections of a server. */
export class Connections {
  readonly #handler: RequestListener;
  readonly #common: Common;
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<Socket, Watched>();
  /** Those that have had a request since they were last found at rest. */
  readonly #busy = new Set<Watched>();
  #checks = 0;

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
    const watched = { connection, watch: new PaceWatch(connection, this.#common) };
    this.#open.set(socket, watched);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#busy.delete(watched);
      this.#limits.release(connection);
    });
  }

  get(socket: Socket): Connection | undefined {
    return this.#open.get(socket)?.connection;
  }

  take(req: IncomingMessage, res: ServerResponse): void {
    const watched = this.#open.get(req.socket);
    if (watched === undefined) return;
    this.#busy.add(watched);
    watched.connection.take(req, res);
  }

  /** Leaves a connection that has changed its protocol to others. It still counts, and is never idle. */
  handOver(socket: Socket): void {
    this.get(socket)?.handOver();
  }

  /** Ends the connections that have changed their protocol. Node has forgotten them, and ends only the others. */
  cutHandedOver(): void {
    for (const [socket, { connection }] of this.#open) if (connection.isHandedOver) socket.destroy();
  }

  /** Ends those on which nothing has come for a second. Browsers open them in advance; to Node they are not idle before their first request. */
  closeSilent(now: number): void {
    for (const [socket, { connection }] of this.#open)
      if (connection.isIdle && socket.bytesRead === 0 && now - connection.idleSince(now) >= silentMs) socket.destroy();
  }

  /** Ends those whose client is too slow, and notes since when the others are idle. */
  check(now: number): void {
    const isSweep = this.#checks % checksBetweenSweeps === 0;
    this.#checks += 1;
    for (const watched of isSweep ? this.#open.values() : this.#busy) {
      const { connection, watch } = watched;
      if (connection.isHandedOver) continue;
      if (connection.isIdle) connection.idleSince(now);
      if (watch.check(now) === "at-rest") this.#busy.delete(watched);
    }
  }
}

function report(message: ConnectionLimited): void {
  if (connectionLimited.hasSubscribers) connectionLimited.publish(message);
}
