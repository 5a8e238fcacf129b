import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { ErrorHandler, Event, Handler, HttpProblem } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import { notFound, problemSent, type ProblemSent, problemDetails, type ProblemDetailsOptions } from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(problemDetails).parameters.toEqualTypeOf<[options?: ProblemDetailsOptions | undefined]>();
  expectTypeOf(problemDetails).returns.toEqualTypeOf<ErrorHandler>();
  expectTypeOf(notFound).parameters.toEqualTypeOf<[]>();
  expectTypeOf(notFound).returns.toEqualTypeOf<Handler>();
  expectTypeOf(problemSent).toEqualTypeOf<Event<ProblemSent>>();
  expectTypeOf<ProblemSent>().toEqualTypeOf<{ req: IncomingMessage; problem: HttpProblem; error: unknown }>();
  expectTypeOf<{ requestId: string }>().not.toExtend<ProblemDetailsOptions>();
});
