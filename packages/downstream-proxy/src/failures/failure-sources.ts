import type { IncomingMessage } from "node:http";

import { type ClientOf, prepareClientOf } from "../clients/client-of.ts";
import type { Settings } from "../options/read-options.ts";

/** Whom a failure is counted for. */
export interface FailureSource {
  /** The principal when several are known, else the client. */
  readonly name: string;
  /** How many principals are known; `Infinity` when clients are told apart, whose number is unknown. */
  readonly outOf: number;
}

/** A principal that has sent nothing for this long is forgotten. */
const memoryMs = 600_000;

/** The same principal again within this time is not noted again. */
const pauseMs = 1_000;

/** Bounds the memory. More principals than this change no decision: few failure windows ask for more than five. */
const mostPrincipals = 100;

/**
 * Says whom the failures of a target are counted for.
 *
 * One principal, such as the holder of an API key, can send from many addresses, and so pass for many clients. That matters as soon
 * as somebody else uses the target too: then principals are counted, and not their clients. While only one principal is known, nobody
 * else can be harmed, and its clients are all that can be told apart.
 */
export class FailureSources {
  readonly #clientOf: ClientOf;
  readonly #principalOf: Settings["principal"];
  /** When each principal sent its last request that was noted, in monotonic milliseconds. */
  readonly #seenAt = new Map<string, number>();
  #last: string | undefined;
  #lastAt = 0;

  constructor(settings: Pick<Settings, "client" | "clientIp" | "principal">) {
    this.#clientOf = prepareClientOf(settings);
    this.#principalOf = settings.principal;
  }

  /** Notes who sends a request at `now`. */
  note(req: IncomingMessage, now: number): void {
    if (this.#principalOf === undefined) return;
    const principal = this.#nameOf(req);
    if (principal === this.#last && now - this.#lastAt < pauseMs) return;
    this.#last = principal;
    this.#lastAt = now;
    if (this.#seenAt.size >= mostPrincipals && !this.#seenAt.has(principal)) this.#forgetOld(now);
    if (this.#seenAt.size < mostPrincipals || this.#seenAt.has(principal)) this.#seenAt.set(principal, now);
  }

  /** Whom a failure of this request is counted for at `now`. */
  of(req: IncomingMessage, now: number): FailureSource {
    if (this.#seenAt.size > 1) this.#forgetOld(now);
    const known = this.#seenAt.size;
    return known > 1 ? { name: this.#nameOf(req), outOf: known } : { name: this.#clientOf(req), outOf: Infinity };
  }

  /** Requests without a principal have one together. */
  #nameOf(req: IncomingMessage): string {
    return this.#principalOf?.(req) ?? "";
  }

  #forgetOld(now: number): void {
    for (const [principal, seenAt] of this.#seenAt) if (now - seenAt > memoryMs) this.#seenAt.delete(principal);
  }
}
