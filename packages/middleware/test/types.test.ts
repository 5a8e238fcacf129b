import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { test } from "node:test";

import {
  compose,
  type ErrorHandler,
  event,
  type Event,
  type Handler,
  HttpProblem,
  type HttpProblemInit,
  type Next,
  option,
  type OptionError,
  type OptionRule,
  optionError,
  readOptions,
  requestPath,
  requestValue,
  type RequestValue,
  toListener,
} from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

test("the types are what a caller sees", () => {
  expectTypeOf<Handler>().toEqualTypeOf<(req: IncomingMessage, res: ServerResponse, next: Next) => void>();
  expectTypeOf<ErrorHandler>().not.toExtend<Handler>();
  expectTypeOf(compose).parameters.toEqualTypeOf<Handler[]>();
  expectTypeOf(compose).returns.toEqualTypeOf<Handler>();
  expectTypeOf(toListener).parameters.toEqualTypeOf<[handler: Handler, onError?: ErrorHandler | undefined]>();
  expectTypeOf(toListener).returns.toEqualTypeOf<RequestListener>();
  expectTypeOf(HttpProblem).constructorParameters.toEqualTypeOf<[init: HttpProblemInit]>();
  expectTypeOf((error: unknown) => HttpProblem.from(error)).returns.toEqualTypeOf<HttpProblem>();
  expectTypeOf(event<number>).returns.toEqualTypeOf<Event<number>>();
  expectTypeOf(requestValue<number>).returns.toEqualTypeOf<RequestValue<number>>();
  expectTypeOf(requestPath).returns.toEqualTypeOf<string>();
  expectTypeOf(optionError).returns.toEqualTypeOf<OptionError>();
  expectTypeOf<OptionError>().toExtend<TypeError>();
  expectTypeOf(option.oneOf(["a", "b"], "a")).toEqualTypeOf<OptionRule<"a" | "b">>();
});

test("a handler is what hosts take that declare what `next` takes in another way", () => {
  // h3, Polka and Connect.
  expectTypeOf<Handler>().toExtend<(req: IncomingMessage, res: ServerResponse, next: (error?: Error) => unknown) => unknown>();
  expectTypeOf<Handler>().toExtend<(req: IncomingMessage, res: ServerResponse, next: (error?: string | Error) => void) => unknown>();
  expectTypeOf<Handler>().toExtend<(req: IncomingMessage, res: ServerResponse, next: () => void) => void>();
});

test("read options have the type that their rules yield", () => {
  interface Options {
    flour?: "rye" | "wheat";
    onSold?: () => void;
  }
  const given: Options = {};
  const read = readOptions("p", given, { flour: option.oneOf(["rye", "wheat"], "rye"), onSold: option.function<() => void>(undefined) });
  expectTypeOf(read.flour).toEqualTypeOf<"rye" | "wheat">();
  expectTypeOf(read.onSold).toEqualTypeOf<(() => void) | undefined>();
  // @ts-expect-error -- every option needs a rule
  readOptions("p", given, { flour: option.oneOf(["rye", "wheat"], "rye") });
});
