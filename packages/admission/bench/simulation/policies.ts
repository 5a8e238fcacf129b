import { adaptive } from "../../src/index.ts";
import { percentile } from "./percentile.ts";

/** What decides how many calls are in progress. */
export interface Policy {
  readonly limit: number;
  begin?(): void;
  firstToken?(sample: Sample): void;
  end?(sample: Sample): void;
  refused?(admittedMs: number, nowMs: number): void;
}

interface Sample {
  readonly ms: number;
  readonly admittedMs: number;
  readonly nowMs: number;
  readonly inFlight: number;
}

export function fixed(limit: number): Policy {
  return { limit };
}

export function ours(max: number, initial = 4): Policy {
  const limit = adaptive({ min: 1, max, initial });
  return {
    get limit() {
      return limit.current;
    },
    begin: () => limit.begin(),
    firstToken: ({ ms, admittedMs, nowMs }) => limit.observe(ms, admittedMs, nowMs),
    end: () => limit.end(),
    refused: (admittedMs, nowMs) => {
      limit.backpressure(admittedMs, nowMs);
      limit.end();
    },
  };
}

/** Which latency a policy of others is given: what it measures as it is shipped, or the first token. */
export type Signal = "total" | "first";

function sampled(signal: Signal, take: (sample: Sample) => void): Pick<Policy, "firstToken" | "end"> {
  return signal === "total" ? { end: take } : { firstToken: take };
}

/** `Gradient2Limit` of Netflix/concurrency-limits with its defaults, except for the smallest limit. */
export function netflixGradient2(max: number, signal: Signal): Policy {
  const [queueSize, smoothing, tolerance, longWindow, warmUp] = [4, 0.2, 1.5, 600, 10];
  let limit = 20;
  let long = 0;
  let count = 0;
  function take({ ms, inFlight }: Sample): void {
    count += 1;
    if (count <= warmUp) long += (ms - long) / count;
    else long += (ms - long) * (2 / (longWindow + 1));
    if (long / ms > 2) long *= 0.95;
    if (inFlight < limit / 2) return;
    const gradient = Math.max(0.5, Math.min(1, (tolerance * long) / ms));
    limit = Math.min(max, Math.max(1, limit * (1 - smoothing) + smoothing * (limit * gradient + queueSize)));
  }
  return {
    get limit() {
      return Math.floor(limit);
    },
    ...sampled(signal, take),
  };
}

/** The gradient controller of Envoy's adaptive concurrency filter, with the values of its documentation. */
export function envoyGradient(max: number, signal: Signal): Policy {
  const [buffer, updateMs, minEveryMs, minSamples, minLimit] = [0.25, 100, 60_000, 50, 3];
  let limit = minLimit;
  let before = minLimit;
  let minMs: number | undefined;
  let samples: number[] = [];
  let updatedMs = 0;
  let measuredMs = 0;
  function take({ ms, nowMs }: Sample): void {
    samples.push(ms);
    if (minMs === undefined) {
      if (samples.length < minSamples) return;
      minMs = percentile(samples, 0.5);
      [samples, limit, measuredMs, updatedMs] = [[], before, nowMs, nowMs];
      return;
    }
    if (nowMs - measuredMs >= minEveryMs) {
      [before, limit, minMs, samples] = [limit, minLimit, undefined, []];
      return;
    }
    if (nowMs - updatedMs < updateMs) return;
    const gradient = Math.max(0.5, Math.min(2, (minMs * (1 + buffer)) / percentile(samples, 0.5)));
    limit = Math.min(max, Math.max(minLimit, limit * gradient + Math.sqrt(limit * gradient)));
    [samples, updatedMs] = [[], nowMs];
  }
  return {
    get limit() {
      return Math.floor(limit);
    },
    ...sampled(signal, take),
  };
}
