import "./quiet-hosts.ts";
import type { RequestListener } from "node:http";
import { createRequire } from "node:module";
import { describe } from "node:test";

import { compose, type ErrorHandler, type Handler, toListener } from "@aivillage/middleware";
import type connect from "connect";
import type express from "express";
import type express4 from "express-4";

import { listen, type RunningServer } from "./listen.ts";

export type { RunningServer } from "./listen.ts";

/** One of the four places where a package of ours must work. */
export interface Host {
  readonly name: "express 4" | "express 5" | "connect" | "node:http";
  /** The app as a listener: the handlers in order, the error handler (if any) last. */
  listener(handlers: readonly Handler[], onError?: ErrorHandler): RequestListener;
  /** The same app on a real socket. */
  serve(handlers: readonly Handler[], onError?: ErrorHandler): Promise<RunningServer>;
}

type Listener = Host["listener"];

type MakeApp = () => { use(handler: Handler | ErrorHandler): unknown } & RequestListener;

const require = createRequire(import.meta.url);

/** The framework is loaded when it is used: most test processes need none. */
function withApp(load: () => MakeApp): Listener {
  return (handlers, onError) => {
    const app = load()();
    for (const handler of handlers) app.use(handler);
    if (onError !== undefined) app.use(onError);
    return app;
  };
}

const listeners: Readonly<Record<Host["name"], Listener>> = {
  "express 4": withApp(() => require("express-4") as typeof express4),
  "express 5": withApp(() => require("express") as typeof express),
  connect: withApp(() => require("connect") as typeof connect),
  "node:http": (handlers, onError) => toListener(compose(...handlers), onError),
};

/** Runs a suite once on every host: `forEachHost((host) => { test("…", async () => { await using app = await host.serve([…]); }) })`. */
export function forEachHost(suite: (host: Host) => void): void {
  for (const [name, listener] of Object.entries(listeners) as [Host["name"], Listener][]) {
    void describe(`on ${name}`, () => suite({ name, listener, serve: (handlers, onError) => listen(listener(handlers, onError)) }));
  }
}
