import { ipKey } from "@aivillage/rate-limit";

import type { ConnectionLimited } from "../events.ts";
import type { Connection } from "./connection.ts";
import { IdleConnections } from "./idle-connections.ts";

/** How many connections a process holds. */
export interface ConnectionLimitSettings {
  readonly total: number;
  /** For one IPv4 address or one IPv6 network of 56 bits. */
  readonly perAddress: number;
  /**
   * Whether an address is one of a trusted proxy, which holds the connections of many clients: only the total bounds it. It is asked
   * again each time, since a reload may change it.
   */
  readonly isTrusted: (address: string | undefined) => boolean;
}

interface Address {
  readonly key: string;
  readonly remote: string | undefined;
  readonly connections: Set<Connection>;
  readonly idle: IdleConnections;
}

/**
 * Bounds the connections, in total and per client address.
 *
 * When there are as many as there may be, the longest idle one makes room for a new one: of the same address when that has as many as it
 * may, else of the address that holds the most. Connections of trusted proxies make room for those of trusted proxies only, of whichever,
 * and only when no other is idle. Without an idle one, the new one is refused.
 */
export class ConnectionLimits {
  readonly #settings: ConnectionLimitSettings;
  readonly #onReached: (reached: ConnectionLimited) => void;
  readonly #addresses = new Map<string, Address>();
  readonly #homes = new Map<Connection, Address>();
  readonly #idle = this.#idleOf({ isTrusted: false });
  readonly #trustedIdle = this.#idleOf({ isTrusted: true });

  constructor(settings: ConnectionLimitSettings, onReached: (reached: ConnectionLimited) => void) {
    this.#settings = settings;
    this.#onReached = onReached;
  }

  /** False when the connection is one too many, and must be closed. */
  admit(connection: Connection): boolean {
    const { total, perAddress } = this.#settings;
    const isTrusted = this.#settings.isTrusted(connection.socket.remoteAddress);
    const address = this.#addressOf(connection.socket.remoteAddress, isTrusted);
    if (!isTrusted && address.connections.size >= perAddress && !this.#makeRoom("address", address.idle.take())) return false;
    if (this.#homes.size >= total && !this.#makeRoom("total", this.#largestIdle(isTrusted))) return false;
    this.#addresses.set(address.key, address);
    address.connections.add(connection);
    this.#homes.set(connection, address);
    return true;
  }

  /** To be called when a connection has closed; again is no harm. */
  release(connection: Connection): void {
    const address = this.#homes.get(connection);
    if (address === undefined) return;
    this.#homes.delete(connection);
    address.connections.delete(connection);
    if (address.connections.size === 0) this.#addresses.delete(address.key);
  }

  #addressOf(remote: string | undefined, isTrusted: boolean): Address {
    const key = isTrusted ? `trusted ${remote}` : ipKey(remote);
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
    this.#onReached({ limit, action: idle === undefined ? "refused" : "evicted" });
    if (idle === undefined) return false;
    this.release(idle);
    idle.socket.destroy();
    return true;
  }

  #largestIdle(isTrusted: boolean): Connection | undefined {
    return this.#idle.take() ?? (isTrusted ? this.#trustedIdle.take() : undefined);
  }

  #idleOf({ isTrusted }: { isTrusted: boolean }): IdleConnections {
    return new IdleConnections(
      (now) => this.#idleOfLargest(now, isTrusted),
      () => this.#homes.size,
    );
  }

  /** Of the addresses that hold at least half as many as the largest one with an idle connection, the largest first. */
  #idleOfLargest(now: number, isTrusted: boolean): Connection[] {
    const addresses = [...this.#addresses.values()].filter(({ remote }) => this.#settings.isTrusted(remote) === isTrusted);
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
