import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import { test } from "node:test";

import {
  type CallName,
  checkHead,
  clientDropped,
  type ClientDropped,
  closeOnSignals,
  connectionLimited,
  type ConnectionLimited,
  type FleetReplies,
  httpServer,
  type HttpServerOptions,
  LeanResponse,
  recordHeaders,
  soleProcess,
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

test("a fleet has the calls of its workers, with their arguments and what they return", async () => {
  const calls = { count: async (by: number) => by, name: (): string => "a", version: 1 };
  const fleet = soleProcess(calls);
  expectTypeOf<CallName<typeof calls>>().toEqualTypeOf<"count" | "name">();
  expectTypeOf(await fleet.one("count", 1)).toEqualTypeOf<number | undefined>();
  expectTypeOf(await fleet.all("name")).toEqualTypeOf<FleetReplies<string>>();
  // @ts-expect-error -- the argument is a number
  void fleet.one("count", "1");
  // @ts-expect-error -- no function
  await assert.rejects(fleet.one("version"), /there is no call "version"/);
});
