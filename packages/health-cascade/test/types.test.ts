import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { expectTypeOf } from "expect-type";

import {
  type HealthCascade,
  healthCascade,
  type HealthCascadeOptions,
  type HealthReport,
  type HealthSource,
  liveness,
  readiness,
  type ReportedHealth,
  type ServiceReport,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(healthCascade).parameters.toEqualTypeOf<[options: HealthCascadeOptions]>();
  expectTypeOf(healthCascade).returns.toEqualTypeOf<HealthCascade>();
  expectTypeOf<HealthCascade>().toExtend<Handler>();
  expectTypeOf<HealthCascade["check"]>().returns.resolves.toEqualTypeOf<HealthReport>();
  expectTypeOf<HealthCascade["reportHealth"]>().toEqualTypeOf<(health: ReportedHealth) => void>();
  expectTypeOf<HealthCascade>().toExtend<HealthSource>();
  expectTypeOf<HealthCascade["close"]>().toEqualTypeOf<() => void>();
  expectTypeOf(liveness).toEqualTypeOf<() => Handler>();
  expectTypeOf(readiness).returns.toEqualTypeOf<Handler>();
  expectTypeOf<HealthReport["status"]>().toEqualTypeOf<"healthy" | "degraded" | "unhealthy">();
  expectTypeOf<ServiceReport["status"]>().toEqualTypeOf<"healthy" | "unhealthy" | "unknown" | "disabled">();
});
