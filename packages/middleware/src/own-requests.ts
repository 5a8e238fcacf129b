import type { IncomingMessage } from "node:http";

import type { Event } from "./event.ts";
import type { Handler } from "./handler.ts";
import { requestValue } from "./request-value.ts";

const owner = requestValue<object>("@aivillage/middleware.owner");

/** The requests of one app in a process that may have several. */
export interface OwnRequests {
  /** Marks a request as this app's. Mount it first. */
  readonly mark: Handler;
  /** True for a request that was marked; of two apps, one of which is mounted in the other, it is the inner one's. */
  readonly owns: (req: IncomingMessage) => boolean;
  /** Subscribes listeners to the messages of an event that are about these requests. Returns the function that removes them. */
  readonly subscribe: SubscribeOwn;
}

/** As `OwnRequests.subscribe`. */
export type SubscribeOwn = <T extends { req: IncomingMessage }>(
  source: Event<T>,
  ...listeners: readonly ((message: T) => void)[]
) => () => void;

/** Distinguishes the requests of one app from those of others, since all apps of a process publish to the same events. */
export function ownRequests(): OwnRequests {
  const self = {};
  const owns = (req: IncomingMessage): boolean => owner.get(req) === self;
  return {
    mark: function markHandler(req, _res, next) {
      owner.set(req, self);
      next();
    },
    owns,
    subscribe: (source, ...listeners) =>
      source.subscribe((message) => {
        if (owns(message.req)) for (const listener of listeners) listener(message);
      }),
  };
}
