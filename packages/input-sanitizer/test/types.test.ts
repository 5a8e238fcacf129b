import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import {
  type AttackClass,
  type ClassOutcome,
  type Finding,
  getInput,
  type Input,
  type InputFinding,
  type InputRefused,
  inputRefused,
  sanitizeInput,
  type SanitizeInputOptions,
  screen,
  type ScreenProfile,
  type ScreeningOptions,
  type ScreeningRule,
  screeningRules,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(sanitizeInput).parameters.toEqualTypeOf<[options?: SanitizeInputOptions | undefined]>();
  expectTypeOf(sanitizeInput).returns.toEqualTypeOf<Handler>();
  expectTypeOf<SanitizeInputOptions["screening"]>().extract<true>().toEqualTypeOf<never>();
  expectTypeOf(screen).returns.toEqualTypeOf<readonly Finding[]>();
  expectTypeOf<ScreenProfile>().toEqualTypeOf<"strict" | "prose" | "off">();
  expectTypeOf<ScreeningOptions["outcomes"]>().exclude<undefined>().toEqualTypeOf<Readonly<Partial<Record<AttackClass, ClassOutcome>>>>();
  expectTypeOf<ClassOutcome>().toEqualTypeOf<"refuse" | "flag" | "off">();
  expectTypeOf(screeningRules).toEqualTypeOf<readonly ScreeningRule[]>();
  expectTypeOf(inputRefused).toEqualTypeOf<Event<InputRefused>>();
});

test("getInput() gives the parts the types that the caller names", () => {
  interface Query {
    query: string;
  }
  const typed = (req: IncomingMessage) => getInput<{ body: Query }>(req);
  expectTypeOf(typed).returns.toEqualTypeOf<Input<{ body: Query }> | undefined>();
  expectTypeOf<Input<{ body: Query }>["body"]>().toEqualTypeOf<Query>();
  expectTypeOf<Input<{ body: Query }>["query"]>().toEqualTypeOf<Readonly<Record<string, unknown>>>();
  expectTypeOf<Input["body"]>().toEqualTypeOf<unknown>();
  expectTypeOf<Input["findings"]>().toEqualTypeOf<readonly InputFinding[]>();
});
