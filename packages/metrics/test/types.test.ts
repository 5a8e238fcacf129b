import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import type { Registry as SuccessorRegistry } from "@prometheus-io/client";
import { expectTypeOf } from "expect-type";
import type { Registry as PromRegistry } from "prom-client";

import {
  type BoundedCounter,
  type BoundedHistogram,
  type CollectedMetrics,
  createCounter,
  createHistogram,
  metrics,
  metricsEndpoint,
  type MetricsEndpointOptions,
  type MetricsOptions,
  Registry,
  type ReportedMetrics,
} from "../src/index.ts";

test("the types are what a caller sees", () => {
  expectTypeOf(metrics).parameters.toEqualTypeOf<[options?: MetricsOptions | undefined]>();
  expectTypeOf(metrics).returns.toEqualTypeOf<Handler>();
  expectTypeOf(metricsEndpoint).parameters.toEqualTypeOf<[options?: MetricsEndpointOptions | undefined]>();
  expectTypeOf(metricsEndpoint).returns.toEqualTypeOf<Handler>();
  expectTypeOf<PromRegistry>().toExtend<NonNullable<MetricsOptions["registry"]>>();
  expectTypeOf<SuccessorRegistry>().toExtend<NonNullable<MetricsOptions["registry"]>>();
  expectTypeOf<CollectedMetrics>().toExtend<NonNullable<MetricsEndpointOptions["registry"]>>();
  expectTypeOf<ReportedMetrics>().toExtend<NonNullable<MetricsEndpointOptions["registry"]>>();
});

test("label values are as many as label names", () => {
  const registry = new Registry();
  const counter = createCounter({ registry, name: "c_total", help: "C.", labelNames: ["a", "b"] });
  expectTypeOf(counter).toEqualTypeOf<BoundedCounter<readonly ["a", "b"]>>();
  expectTypeOf<Parameters<typeof counter.inc>>().toEqualTypeOf<[labelValues: readonly [string, string], by?: number | undefined]>();
  const histogram = createHistogram({ registry, name: "h", help: "H." });
  expectTypeOf(histogram).toEqualTypeOf<BoundedHistogram<readonly []>>();
  expectTypeOf<Parameters<typeof histogram.observe>>().toEqualTypeOf<
    [labelValues: readonly [], value: number, traceId?: string | undefined]
  >();
});
