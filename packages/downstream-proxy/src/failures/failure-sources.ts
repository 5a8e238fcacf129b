import type { IncomingMessage } from "node:http";

import { clientNetwork, warnOfOption } from "@aivillage/middleware";

import { type ClientOf, type ClientSettings, prepareClientOf } from "../clients/client-of.ts";

/** The client or principal that a failure counts for. */
export interface FailureSource {
  /** The principal if several are known, otherwise the client. */
  readonly name: string;
  /** How many principals are known; `Infinity` when clients are counted, whose number is unknown. */
  readonly outOf: number;
}

interface SourceSettings extends ClientSettings {
  readonly principal: ((req: IncomingMessage) => string | undefined) | undefined;
}

/** A principal that has sent nothing for this long is forgotten. */
const memoryMs = 600_000;

/** Within this time the same principal is not recorded again. */
const pauseMs = 1_000;

/** Bounds the memory. More principals would change no decision: few failure windows require more than five. */
const maxPrincipals = 100;

/**
 * Decides which client or principal the failures of a target count for.
 *
 * One principal, such as the holder of an API key, can send from many addresses and so look like many clients. That matters when
 * another principal uses the target too: then principals are counted instead of clients. While only one principal is known, no other can
 * be harmed, and only its clients can be distinguished.
 */
export class FailureSources {
  readonly #clientOf: ClientOf;
  readonly #principalOf: SourceSettings["principal"];
  /** When the last recorded request of each principal arrived, in monotonic milliseconds. */
  readonly #seenAt = new Map<string, number>();
  #last: string | undefined;
  #lastAt = 0;

  constructor(settings: SourceSettings) {
    this.#clientOf = prepareClientOf(settings);
    this.#principalOf = settings.principal;
  }

  /** Records the principal of a request at `now`. */
  record(req: IncomingMessage, now: number): void {
    if (this.#principalOf === undefined) return;
    const principal = this.#nameOf(req);
    if (principal === this.#last && now - this.#lastAt < pauseMs) return;
    this.#last = principal;
    this.#lastAt = now;
    if (this.#seenAt.size >= maxPrincipals && !this.#seenAt.has(principal)) this.#forgetOld(now);
    if (this.#seenAt.size < maxPrincipals || this.#seenAt.has(principal)) this.#seenAt.set(principal, now);
  }

  /** What a failure of this request counts for at `now`. */
  of(req: IncomingMessage, now: number): FailureSource {
    if (this.#seenAt.size > 1) this.#forgetOld(now);
    const known = this.#seenAt.size;
    try {
      return known > 1 ? { name: this.#nameOf(req), outOf: known } : { name: this.#clientOf(req), outOf: Infinity };
    } catch (error) {
      // The attempt has failed already and its failure must count, so the address stands for a client that cannot be named.
      warnOfOption(error);
      return { name: clientNetwork(req.socket.remoteAddress), outOf: Infinity };
    }
  }

  /** Requests without a principal share one. */
  #nameOf(req: IncomingMessage): string {
    return this.#principalOf?.(req) ?? "";
  }

  #forgetOld(now: number): void {
    for (const [principal, seenAt] of this.#seenAt) if (now - seenAt > memoryMs) this.#seenAt.delete(principal);
  }
}
