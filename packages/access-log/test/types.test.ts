import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";
import type { Logger as PinoLogger } from "pino";

import {
  accessLog,
  type AccessLogger,
  type AccessLogHandler,
  type AccessLogOptions,
  createLogger,
  type CreateLoggerOptions,
  type Logger,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(accessLog).parameters.toEqualTypeOf<[options?: AccessLogOptions | undefined]>();
  expectTypeOf(accessLog).returns.toEqualTypeOf<AccessLogHandler>();
  expectTypeOf<AccessLogHandler>().toExtend<Handler>();
  expectTypeOf(createLogger).parameters.toEqualTypeOf<[options?: CreateLoggerOptions | undefined]>();
  // Declarations of programs name it by this package.
  expectTypeOf(createLogger).returns.toEqualTypeOf<Logger>();
  expectTypeOf<Logger>().toExtend<PinoLogger>();
  expectTypeOf<PinoLogger>().toExtend<Logger>();
  expectTypeOf<Logger>().toExtend<AccessLogger>();
  expectTypeOf<NodeJS.WritableStream>().toExtend<NonNullable<CreateLoggerOptions["destination"]>>();
  expectTypeOf<{ level: "info" }>().not.toExtend<AccessLogOptions>();
});
