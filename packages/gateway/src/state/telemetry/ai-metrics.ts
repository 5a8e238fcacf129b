import type { AiCall, AiCallEnded, AiUsage } from "@aivillage/ai-call";
import { getDownstream } from "@aivillage/downstream-proxy";
import { createCounter, createHistogram, type Registry } from "@aivillage/metrics";
import { getRoute } from "@aivillage/router";

import { genAiNames, operationOf } from "./gen-ai-names.ts";

/** The bounds that the conventions advise, and a minute, as some models think for long. */
const firstTokenSeconds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60];
const durationSeconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68];
const tokensPerSecond = [1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1_000];

/** The metrics of AI calls. docs/metrics.md describes each. */
export function aiMetrics(registry: Registry) {
  const modelLabel = boundedModels();
  const count = (name: string, help: string) => createCounter({ name, help, labelNames: genAiNames.labels, registry });
  const input = count(genAiNames.inputTokens, "Input tokens of AI calls, cached ones included.");
  const output = count(genAiNames.outputTokens, "Output tokens of AI calls, reasoning included.");
  const cachedInput = count(genAiNames.cachedInputTokens, "Input tokens of AI calls that came from a cache.");
  const cacheWrite = count(genAiNames.cacheWriteTokens, "Input tokens of AI calls that were written to a cache.");
  const reasoning = count(genAiNames.reasoningTokens, "Output tokens of AI calls that clients do not see.");
  const time = (name: string, help: string, buckets: readonly number[]) =>
    createHistogram({ name, help, labelNames: genAiNames.labels, buckets, registry });
  const duration = time(genAiNames.duration, "Time of an AI call, from its body to the end of its response.", durationSeconds);
  const firstToken = time(genAiNames.firstToken, "Time from the body of an AI call to the first text of its stream.", firstTokenSeconds);
  const speed = time("gateway_ai_output_tokens_per_second", "Output tokens per second of a stream, after its first text.", tokensPerSecond);
  const calls = createCounter({
    name: "gateway_ai_calls_total",
    help: "AI calls that have ended.",
    labelNames: ["endpoint", "model", "outcome", "usage"],
    registry,
  });

  return {
    aiCallEnded: ({ req, call, usage, outcome, status, durationMs }: AiCallEnded): void => {
      const model = modelLabel(call, status < 400);
      const labels = [operationOf(call.dialect), model] as const;
      const isAsked = getDownstream(req) !== undefined;
      calls.inc([getRoute(req) ?? "unmatched", model, isAsked ? outcome.replaceAll("-", "_") : unasked[outcome], usage.source]);
      if (isAsked) duration.observe(labels, durationMs / 1_000);
      if (usage.firstTokenMs !== undefined) firstToken.observe(labels, usage.firstTokenMs / 1_000);
      const perSecond = speedOf(usage, durationMs);
      if (outcome === "completed" && perSecond !== undefined) speed.observe(labels, perSecond);
      // The estimate of its input was not used.
      if (!isAsked) return;
      input.inc(labels, usage.input);
      output.inc(labels, usage.output);
      cachedInput.inc(labels, usage.cachedInput);
      cacheWrite.inc(labels, usage.cacheWrite);
      reasoning.inc(labels, usage.reasoning);
    },
  };
}

/** Nothing for an unstreamed response, and for one too short to measure. */
function speedOf({ output, firstTokenMs }: AiUsage, durationMs: number): number | undefined {
  if (firstTokenMs === undefined || output < 2 || durationMs - firstTokenMs < 1) return undefined;
  return ((output - 1) * 1_000) / (durationMs - firstTokenMs);
}

/** What an outcome means if no service was asked: a budget, a limit or the check of the input has refused the call, and no model has failed. */
const unasked = { completed: "refused", failed: "refused", "client-left": "client_left" } as const;

const mostModels = 100;

/** Clients choose the names of models, so one is counted apart only after a service has taken a call to it. */
function boundedModels(): (call: AiCall, isAccepted: boolean) => string {
  const known = new Set<string>();
  return ({ model = "none" }, isAccepted) => {
    if (known.has(model)) return model;
    if (!isAccepted || known.size >= mostModels) return "_OTHER";
    known.add(model);
    return model;
  };
}
