import type { IncomingMessage, ServerResponse } from "node:http";

import { type Handler, hasPassed, type Next, passError } from "@aivillage/middleware";

import { AdaptiveLimit } from "./adaptive/adaptive-limit.ts";
import { watchFirstByte } from "./adaptive/watch-first-byte.ts";
import { askOf, demandsOf } from "./ask-of.ts";
import { hasEnded } from "./http/response-end.ts";
import { MemoryStore } from "./memory-store.ts";
import { type AdmissionOptions, readAdmissionOptions } from "./options.ts";
import type { LimitCount } from "./store.ts";
import { Visit } from "./visit.ts";

/** What one limit of an admission is at the moment. */
export interface LimitState extends LimitCount {
  /** Slots that there are; `undefined` if that depends on the request. */
  readonly max: number | undefined;
}

/** The middleware, with what operators need. */
export interface AdmissionHandler extends Handler {
  /** Requests in progress and waiting in this process, by limit. Those of a shared store include what other middlewares hold there. */
  state(): readonly LimitState[];
  /** Closes the store that the middleware made itself. Requests that hold slots keep them until they end. */
  close(): void;
}

/**
 * Makes the middleware that lets a request pass when there is a free slot of every limit that applies, and has it wait in a fair queue
 * otherwise. The slots are free again when the response has ended, however it ends.
 *
 * Mount it after authentication, limits and whatever reads the body, and right before what is scarce. Mounted at two places that a request
 * passes, it counts at the first.
 *
 * @throws OptionError for an unknown or bad option
 */
export function admission(options: AdmissionOptions): AdmissionHandler {
  const read = readAdmissionOptions(options);
  const store = read.store ?? new MemoryStore();

  function watchAdaptive(visit: Visit): void {
    for (const { name, max } of visit.limits) if (max instanceof AdaptiveLimit) watchFirstByte(visit, name, max, store);
  }

  function admissionHandler(req: IncomingMessage, res: ServerResponse, next: Next): void {
    let visit: Visit;
    // A second slot for the same request would wait for the first one.
    if (hasPassed(req, read)) return next();
    try {
      const needed = demandsOf(req, read.limits);
      if (needed === undefined) return next();
      // The client left while earlier handlers were running.
      if (hasEnded(req, res)) return;
      const ask = askOf(req, needed.demands, read);
      visit = new Visit(read, needed.applying, { req, res, next }, watchAdaptive);
      visit.enter(store, ask);
    } catch (error) {
      return passError(error, res, next);
    }
    visit.proceed();
  }

  return Object.assign(admissionHandler, {
    state: () => {
      const counts = new Map(store.counts().map((count) => [count.limit, count]));
      return read.limits.map(({ name, max }) => ({ ...(counts.get(name) ?? { limit: name, inFlight: 0, waiting: 0 }), max: sizeOf(max) }));
    },
    close: () => {
      if (read.store === undefined) store.close();
    },
  });
}

function sizeOf(max: unknown): number | undefined {
  if (max instanceof AdaptiveLimit) return max.current;
  return typeof max === "number" ? max : undefined;
}
