import { createServer, type RequestListener, type Server } from "node:http";
import { test } from "node:test";

import {
  checkHead,
  clientDropped,
  type ClientDropped,
  closeOnSignals,
  connectionLimited,
  type ConnectionLimited,
  httpServer,
  type HttpServerOptions,
  LeanResponse,
  recordHeaders,
  stopServer,
  superviseWorkers,
} from "@aivillage/http-server";
import type { Event, Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

test("httpServer() takes any listener and makes a plain server", () => {
  expectTypeOf(httpServer).parameter(0).toEqualTypeOf<RequestListener>();
  expectTypeOf(httpServer).parameter(1).toEqualTypeOf<HttpServerOptions | undefined>();
  expectTypeOf(httpServer).returns.toEqualTypeOf<Server>();
  // Every option can be left out.
  expectTypeOf<HttpServerOptions>().toEqualTypeOf<Partial<HttpServerOptions>>();
});

test("what runs a server takes those of node:http too", () => {
  expectTypeOf(stopServer).parameter(0).toEqualTypeOf<Server>();
  expectTypeOf(stopServer).returns.toEqualTypeOf<Promise<void>>();
  expectTypeOf(closeOnSignals).parameter(0).toEqualTypeOf<() => Promise<unknown>>();
  expectTypeOf(superviseWorkers).returns.toEqualTypeOf<Promise<number>>();
  createServer({ ServerResponse: LeanResponse });
});

test("the handler is a handler, and events name their server", () => {
  expectTypeOf(checkHead).toEqualTypeOf<Handler>();
  expectTypeOf(recordHeaders).returns.toEqualTypeOf<Record<string, string>>();
  expectTypeOf(clientDropped).toEqualTypeOf<Event<ClientDropped>>();
  expectTypeOf(connectionLimited).toExtend<Event<ConnectionLimited>>();
  expectTypeOf<ConnectionLimited["server"]>().toEqualTypeOf<Server>();
});
