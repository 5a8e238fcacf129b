import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";
import type { AttackClass } from "@aivillage/screening";
import { expectTypeOf } from "expect-type";

import {
  type ClassOutcome,
  getInput,
  type Input,
  type InputFinding,
  type InputOf,
  type InputRefused,
  inputRefused,
  sanitizeInput,
  type SanitizeInputOptions,
  type ScreeningOptions,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(sanitizeInput()).toExtend<Handler>();
  expectTypeOf(sanitizeInput).toBeCallableWith({ limits: { depth: 3 } });
  expectTypeOf<SanitizeInputOptions["screening"]>().extract<true>().toEqualTypeOf<never>();
  expectTypeOf<ScreeningOptions["outcomes"]>().exclude<undefined>().toEqualTypeOf<Readonly<Partial<Record<AttackClass, ClassOutcome>>>>();
  expectTypeOf<ClassOutcome>().toEqualTypeOf<"block" | "flag" | "off">();
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
  expectTypeOf<Input["text"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Input["findings"]>().toEqualTypeOf<readonly InputFinding[]>();
});

const question = {
  type: "object",
  additionalProperties: false,
  required: ["query"],
  properties: {
    query: { type: "string", screen: "prose", clean: { trim: true } },
    mode: { type: "string", enum: ["short", "long"] },
    tags: { type: "array", items: { type: "string", screen: { off: "labels of ours" } } },
    options: { type: "object", additionalProperties: false, properties: { max_tokens: { type: "integer" }, exact: { type: "boolean" } } },
  },
} as const;
const page = { type: "object", additionalProperties: false, required: ["page"], properties: { page: { type: "integer" } } } as const;

test("getInput(req, handler) has the types of the handler's schemas", () => {
  const ask = sanitizeInput({ body: question, query: page });
  const typed = (req: IncomingMessage) => getInput(req, ask);
  expectTypeOf(typed).returns.toEqualTypeOf<InputOf<typeof ask> | undefined>();

  type Body = NonNullable<InputOf<typeof ask>["body"]>;
  expectTypeOf<Body["query"]>().toEqualTypeOf<string>();
  expectTypeOf<Body["mode"]>().toEqualTypeOf<"short" | "long" | undefined>();
  expectTypeOf<Body["tags"]>().toEqualTypeOf<string[] | undefined>();
  expectTypeOf<NonNullable<Body["options"]>["max_tokens"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<NonNullable<Body["options"]>["exact"]>().toEqualTypeOf<boolean | undefined>();
  expectTypeOf<keyof Body>().toEqualTypeOf<"query" | "mode" | "tags" | "options">();
  expectTypeOf<InputOf<typeof ask>["query"]>().toEqualTypeOf<{ page: number }>();
  expectTypeOf<InputOf<typeof ask>["params"]>().toEqualTypeOf<undefined>();
  expectTypeOf<InputOf<typeof ask>["headers"]>().toEqualTypeOf<undefined>();
});

test("a property with a default may be missing, since defaults are not filled in", () => {
  const list = sanitizeInput({
    query: { type: "object", additionalProperties: false, properties: { limit: { type: "integer", default: 20 } } },
  });
  expectTypeOf<InputOf<typeof list>["query"]["limit"]>().toEqualTypeOf<number | undefined>();
});

test("schemas written in the call need no `as const`", () => {
  const handler = sanitizeInput({
    headers: { type: "object", required: ["x-tenant"], properties: { "x-tenant": { type: "string" } } },
    params: { type: "object", additionalProperties: false, required: ["id"], properties: { id: { type: "integer" } } },
  });
  expectTypeOf<InputOf<typeof handler>["headers"]["x-tenant"]>().toEqualTypeOf<string>();
  expectTypeOf<InputOf<typeof handler>["params"]>().toEqualTypeOf<{ id: number }>();
  expectTypeOf<InputOf<typeof handler>["body"]>().toEqualTypeOf<undefined>();
  expectTypeOf<InputOf<typeof handler>["query"]>().toEqualTypeOf<Readonly<Record<string, string | readonly string[]>>>();
});

test("a schema that the compiler knows only as an object promises nothing", () => {
  const loose: Record<string, unknown> = { type: "object" };
  const handler = sanitizeInput({ body: loose });
  expectTypeOf<InputOf<typeof handler>["body"]>().toEqualTypeOf<unknown>();
  const options: SanitizeInputOptions = { body: question };
  const wide = sanitizeInput(options);
  expectTypeOf<InputOf<typeof wide>["body"]>().toEqualTypeOf<unknown>();
});

test("getInput() refuses a handler that is none of sanitizeInput()", () => {
  const other = { name: "other" };
  // @ts-expect-error -- an object is no handler
  const wrong = (req: IncomingMessage) => getInput(req, other);
  expectTypeOf(wrong).toBeFunction();
});
