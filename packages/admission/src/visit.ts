import type { IncomingMessage, ServerResponse } from "node:http";

import { inContext, type Next, passError } from "@aivillage/middleware";

import { admissionValue, waitingValue } from "./admitted.ts";
import { admissionRefused, requestAdmitted, slotsReleased, waitingClientLeft } from "./events.ts";
import { refusalProblem } from "./http/problems.ts";
import { onResponseEnd, watchWaitingUpgrade } from "./http/response-end.ts";
import type { ReadLimit } from "./limit.ts";
import type { ReadAdmissionOptions } from "./options.ts";
import type { AdmissionStore, Ask, Entrant, Refusal } from "./store.ts";

/**
 * One request, from its arrival until its slots are free again.
 *
 * | state    | event               | next                                                            |
 * | -------- | ------------------- | --------------------------------------------------------------- |
 * | waiting  | `admitted`          | holding; `next()` runs                                          |
 * | waiting  | `refused`           | over; the error goes to `next`                                  |
 * | waiting  | the client leaves   | over; `next` is not called, since there is nobody to respond to |
 * | holding  | the response ends   | over; the slots are free                                        |
 */
export class Visit implements Entrant {
  readonly #options: ReadAdmissionOptions;
  readonly #limits: readonly ReadLimit[];
  readonly #names: readonly string[];
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #next: Next;
  readonly #onAdmitted: (visit: Visit) => void;
  readonly #arrivedMs = performance.now();
  #admittedMs = this.#arrivedMs;
  #position = 0;
  #state: "waiting" | "holding" | "over" = "waiting";
  #leave: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;
  /** The end of another request lets this one go on, which must not happen in the async context of that one. */
  #inOwnContext: (step: () => void) => void = (step) => step();
  /** What `proceed()` does: whatever `next()` causes must find the way to leave. */
  #afterwards: (() => void) | undefined;

  constructor(
    options: ReadAdmissionOptions,
    limits: readonly ReadLimit[],
    request: { req: IncomingMessage; res: ServerResponse; next: Next },
    onAdmitted: (visit: Visit) => void,
  ) {
    this.#options = options;
    this.#limits = limits;
    this.#names = limits.map(({ name }) => name);
    this.#req = request.req;
    this.#res = request.res;
    this.#next = request.next;
    this.#onAdmitted = onAdmitted;
  }

  get req(): IncomingMessage {
    return this.#req;
  }

  get res(): ServerResponse {
    return this.#res;
  }

  get limits(): readonly ReadLimit[] {
    return this.#limits;
  }

  get admittedMs(): number {
    return this.#admittedMs;
  }

  enter(store: AdmissionStore, ask: Ask): void {
    onResponseEnd(this.#req, this.#res, this.#end);
    this.#leave = store.enter(ask, this);
    if (this.#state !== "waiting") return;
    waitingValue.set(this.#req, true);
    this.#inOwnContext = inContext((step) => step());
  }

  /** Goes on with a request that did not wait. */
  proceed(): void {
    this.#afterwards?.();
  }

  #continueWith(step: () => void): void {
    if (this.#leave === undefined) this.#afterwards = step;
    else step();
  }

  queued(position: number): void {
    this.#position = position;
    this.#stopWatching = watchWaitingUpgrade(this.#req);
  }

  admitted(position: number): void {
    this.#inOwnContext(() => this.#admit(position));
  }

  refused(refusal: Refusal): void {
    this.#inOwnContext(() => this.#refuse(refusal));
  }

  #admit(position: number): void {
    if (this.#state !== "waiting") return;
    this.#state = "holding";
    this.#stopWatching?.();
    // A store that admits at once needs no clock.
    if (this.#leave !== undefined) {
      this.#admittedMs = performance.now();
      waitingValue.set(this.#req, false);
    }
    this.#position = position;
    const waitedMs = position === 0 ? 0 : this.#admittedMs - this.#arrivedMs;
    const limits = this.#names;
    admissionValue.set(this.#req, { limits, waitedMs, position });
    if (requestAdmitted.hasSubscribers) requestAdmitted.publish({ req: this.#req, limits, waitedMs, position });
    if (position > 0 && this.#options.positionHeader && !this.#res.headersSent) this.#res.setHeader("X-Queue-Position", String(position));
    this.#onAdmitted(this);
    this.#continueWith(() => this.#next());
  }

  #refuse(refusal: Refusal): void {
    if (this.#state !== "waiting") return;
    this.#state = "over";
    this.#stopWatching?.();
    const waitedMs = performance.now() - this.#arrivedMs;
    const isOwn = this.#limits.some(({ name, isOwn: own }) => own && name === refusal.limit);
    if (admissionRefused.hasSubscribers)
      admissionRefused.publish({ req: this.#req, of: isOwn ? "client" : "backend", ...refusal, waitedMs });
    this.#options.onUnserved?.(this.#req, "refused");
    const headers = this.#options.positionHeader && this.#position > 0 ? { "X-Queue-Position": String(this.#position) } : {};
    this.#continueWith(() => passError(refusalProblem(refusal, isOwn, headers), this.#res, this.#next));
  }

  readonly #end = (): void => {
    const state = this.#state;
    if (state === "over") return;
    this.#state = "over";
    this.#leave?.();
    if (state === "holding") return this.#publishReleased();
    if (waitingClientLeft.hasSubscribers) {
      waitingClientLeft.publish({ req: this.#req, limits: this.#names, waitedMs: performance.now() - this.#arrivedMs });
    }
    this.#options.onUnserved?.(this.#req, "left");
  };

  #publishReleased(): void {
    if (!slotsReleased.hasSubscribers) return;
    slotsReleased.publish({ req: this.#req, limits: this.#names, heldMs: performance.now() - this.#admittedMs });
  }
}
