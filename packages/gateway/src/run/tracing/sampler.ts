import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";

import type { Variables } from "../../config/loader/environment.ts";
import { numberOf } from "./variables.ts";

/** The sampler of `OTEL_TRACES_SAMPLER`; for a name that OpenTelemetry does not specify, its default. */
export function samplerOf(env: Variables): Sampler {
  const [, isParentBased, name] = /^(parentbased_)?(.*)$/.exec(env["OTEL_TRACES_SAMPLER"] || "parentbased_traceidratio") ?? [];
  const root = rootSampler(name, Math.min(numberOf(env, "OTEL_TRACES_SAMPLER_ARG") ?? 1, 1));
  if (root === undefined) return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  return isParentBased === undefined ? root : new ParentBasedSampler({ root });
}

function rootSampler(name: string | undefined, ratio: number): Sampler | undefined {
  if (name === "always_on") return new AlwaysOnSampler();
  if (name === "always_off") return new AlwaysOffSampler();
  return name === "traceidratio" ? new TraceIdRatioBasedSampler(ratio) : undefined;
}
