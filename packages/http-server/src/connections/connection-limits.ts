import { clientNetwork } from "@aivillage/middleware";

import type { Connection } from "./connection.ts";
import { IdleConnections } from "./idle-connections.ts";

/** How many connections a server holds. */
export interface ConnectionLimitSettings {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Asked again each time, because a reload can change it. */
  readonly isTrustedPeer: (address: string | undefined) => boolean;
  readonly now: () => number;
}

/** Called when a limit was reached. */
type OnReached = (limit: "address" | "total", action: "evicted" | "refused") => void;

interface Address {
  readonly key: string;
  readonly remote: string | undefined;
  readonly connections: Set<Connection>;
  readonly idle: IdleConnections;
}

/**
 * Bounds the connections, in total and per client address.
 *
 * At a limit, the longest idle connection makes room for a new one: one of the same address if the address is at its limit, else one of
 * the address that holds the most. Connections of trusted proxies make room only for those of any trusted proxy, and only if no other is
 * idle. The new connection is refused if none is idle.
 */
export class ConnectionLimits {
  readonly #settings: ConnectionLimitSettings;
  readonly #onReached: OnReached;
  readonly #addresses = new Map<string, Address>();
  readonly #homes = new Map<Connection, Address>();
  readonly #idle = this.#idleOf({ isTrusted: false });
  readonly #trustedIdle = this.#idleOf({ isTrusted: true });

  constructor(settings: ConnectionLimitSettings, onReached: OnReached) {
    this.#settings = settings;
    this.#onReached = onReached;
  }

  /** False when the connection exceeds a limit and must be closed. */
  admit(connection: Connection): boolean {
    const { maxConnections, maxConnectionsPerAddress, isTrustedPeer } = this.#settings;
    const now = this.#settings.now();
    const isTrusted = isTrustedPeer(connection.socket.remoteAddress);
    const address = this.#addressOf(connection.socket.remoteAddress, isTrusted);
    if (!isTrusted && address.connections.size >= maxConnectionsPerAddress && !this.#makeRoom("address", address.idle.take(now)))
      return false;
    if (this.#homes.size >= maxConnections && !this.#makeRoom("total", this.#largestIdle(isTrusted, now))) return false;
    this.#addresses.set(address.key, address);
    address.connections.add(connection);
    this.#homes.set(connection, address);
    return true;
  }

  /** Call it when a connection has closed; calling it again changes nothing. */
  release(connection: Connection): void {
    const address = this.#homes.get(connection);
    if (address === undefined) return;
    this.#homes.delete(connection);
    address.connections.delete(connection);
    if (address.connections.size === 0) this.#addresses.delete(address.key);
  }

  #addressOf(remote: string | undefined, isTrusted: boolean): Address {
    const key = isTrusted ? `trusted ${remote}` : clientNetwork(remote);
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const connections = new Set<Connection>();
    const idle = new IdleConnections(
      (now) => longestIdleFirst(connections, now),
      () => connections.size,
    );
    return { key, remote, connections, idle };
  }

  #makeRoom(limit: "address" | "total", idle: Connection | undefined): boolean {
    this.#onReached(limit, idle === undefined ? "refused" : "evicted");
    if (idle === undefined) return false;
    this.release(idle);
    idle.socket.destroy();
    return true;
  }

  #largestIdle(isTrusted: boolean, now: number): Connection | undefined {
    return this.#idle.take(now) ?? (isTrusted ? this.#trustedIdle.take(now) : undefined);
  }

  #idleOf({ isTrusted }: { isTrusted: boolean }): IdleConnections {
    return new IdleConnections(
      (now) => this.#idleOfLargest(now, isTrusted),
      () => this.#homes.size,
    );
  }

  /** Of the addresses that hold at least half as many as the largest one with an idle connection, the largest first. */
  #idleOfLargest(now: number, isTrusted: boolean): Connection[] {
    const addresses = [...this.#addresses.values()].filter(({ remote }) => this.#settings.isTrustedPeer(remote) === isTrusted);
    const found: Connection[] = [];
    let least = 0;
    for (const { connections } of addresses.toSorted((one, other) => other.connections.size - one.connections.size)) {
      if (connections.size < least) break;
      const idle = longestIdleFirst(connections, now);
      if (found.length === 0 && idle.length > 0) least = connections.size / 2;
      found.push(...idle);
    }
    return least <= 0.5 ? longestIdleFirst(found, now) : found;
  }
}

function longestIdleFirst(connections: Iterable<Connection>, now: number): Connection[] {
  return [...connections].filter(({ isIdle }) => isIdle).toSorted((one, other) => one.idleSince(now) - other.idleSince(now));
}
