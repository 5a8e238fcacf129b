import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import { getCspNonce, securityHeaders, type SecurityHeadersOptions } from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(securityHeaders).parameters.toEqualTypeOf<[options?: SecurityHeadersOptions | undefined]>();
  expectTypeOf(securityHeaders).returns.toEqualTypeOf<Handler>();
  expectTypeOf(getCspNonce).returns.toEqualTypeOf<string | undefined>();
  expectTypeOf<{ preset: "none" }>().not.toExtend<SecurityHeadersOptions>();
});
