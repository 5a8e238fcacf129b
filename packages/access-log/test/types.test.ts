import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";
import type { Logger } from "pino";

import {
  accessLog,
  type AccessLogger,
  type AccessLogHandler,
  type AccessLogOptions,
  createLogger,
  type CreateLoggerOptions,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(accessLog).parameters.toEqualTypeOf<[options?: AccessLogOptions | undefined]>();
  expectTypeOf(accessLog).returns.toEqualTypeOf<AccessLogHandler>();
  expectTypeOf<AccessLogHandler>().toExtend<Handler>();
  expectTypeOf(createLogger).parameters.toEqualTypeOf<[options?: CreateLoggerOptions | undefined]>();
  expectTypeOf(createLogger).returns.toEqualTypeOf<Logger>();
  expectTypeOf<Logger>().toExtend<AccessLogger>();
  expectTypeOf<NodeJS.WritableStream>().toExtend<NonNullable<CreateLoggerOptions["destination"]>>();
  expectTypeOf<{ level: "info" }>().not.toExtend<AccessLogOptions>();
});
