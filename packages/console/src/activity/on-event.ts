import type { IncomingMessage } from "node:http";

import type { Event } from "@aivillage/middleware";

/** Subscribes an event of requests, of those alone that belong to this app. */
export type OnEvent = <T extends { readonly req: IncomingMessage }>(source: Event<T>, listener: (message: T) => void) => void;
