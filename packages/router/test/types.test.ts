import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import { getPathParameters, getRoute, type PathParameters, type Router, router, type RouterOptions } from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(router).parameters.toEqualTypeOf<[options?: RouterOptions | undefined]>();
  expectTypeOf(router).returns.toEqualTypeOf<Router>();
  expectTypeOf<Router>().toExtend<Handler>();
  expectTypeOf(getRoute).toEqualTypeOf<(req: IncomingMessage) => string | undefined>();
  expectTypeOf(getPathParameters).returns.toEqualTypeOf<PathParameters>();
  expectTypeOf<{ routes: { "/a": { GET: string } } }>().not.toExtend<RouterOptions>();
});
