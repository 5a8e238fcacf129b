import { test } from "node:test";

import { expectTypeOf } from "expect-type";

import {
  type AttackClass,
  type attackClasses,
  type Finding,
  screen,
  type ScreeningRule,
  screeningRules,
  type ScreenProfile,
} from "../src/index.ts";

test("screen() returns findings, and the rules and classes have literal types", () => {
  expectTypeOf(screen).returns.toEqualTypeOf<readonly Finding[]>();
  expectTypeOf(screen).toBeCallableWith("text", { profile: "prose" });
  expectTypeOf<ScreenProfile>().toEqualTypeOf<"strict" | "prose" | "model" | "off">();
  expectTypeOf(screeningRules).toEqualTypeOf<readonly ScreeningRule[]>();
  expectTypeOf<(typeof attackClasses)[number]>().toEqualTypeOf<AttackClass>();
});
