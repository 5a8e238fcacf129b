import { hash, randomUUID } from "node:crypto";

import { type RedisScript, runScript, type SendCommand } from "@aivillage/middleware";

import { acquireScript, releaseScript, renewScript } from "./scripts.ts";

/** A cap by its name. */
export interface CapName {
  readonly limit: string;
  readonly key: string;
}

/** What this process holds of a cap, and whether that replaces what Redis knows. */
export interface HeldCap extends CapName {
  readonly held: number;
  readonly replaces: boolean;
}

interface LeaseOptions {
  readonly prefix: string;
  readonly leaseMs: number;
  /** How long a wish for a slot lasts without being repeated. */
  readonly wishMs: number;
}

/** The slots in Redis, as one process leases them: one call takes all that a request needs. */
export class Leases {
  readonly #send: SendCommand;
  readonly #options: LeaseOptions;
  readonly #process = randomUUID();

  constructor(send: SendCommand, options: LeaseOptions) {
    this.#send = send;
    this.#options = options;
  }

  /** Takes a slot of each. Resolves to -1, or to the position of one that is full. */
  async acquire(caps: readonly (CapName & { readonly max: number })[]): Promise<number> {
    const args = [String(this.#options.wishMs), ...caps.map(({ max }) => String(max))];
    return Number(await this.#run(acquireScript, caps, args)) - 1;
  }

  release(caps: readonly CapName[]): Promise<unknown> {
    return this.#run(releaseScript, caps, []);
  }

  /** With no cap: a sign of life. */
  renew(caps: readonly HeldCap[]): Promise<unknown> {
    const args = caps.flatMap(({ held, replaces }) => [String(held), replaces ? "1" : "0"]);
    return this.#run(renewScript, caps, args);
  }

  #run(script: RedisScript, caps: readonly CapName[], args: readonly string[]): Promise<unknown> {
    const { prefix, leaseMs } = this.#options;
    // All have one hash tag, so that one call may touch all of them in a cluster too.
    const names = [`${prefix}{slots}`, ...caps.map((cap) => `${prefix}{slots}:${nameOf(cap)}`)];
    return runScript(this.#send, script, names, [this.#process, String(leaseMs), ...args]);
  }
}

/** The key's part is a digest, which bounds its length and does not reveal it. */
function nameOf({ limit, key }: CapName): string {
  return key === "" ? limit : `${limit}:${hash("sha256", key, "base64url").slice(0, 22)}`;
}
