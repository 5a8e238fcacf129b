import type { AdmissionRefused, RequestAdmitted, WaitingClientLeft } from "@aivillage/admission";
import { createCounter, createGauge, createHistogram, type Registry } from "@aivillage/metrics";

import type { Slots } from "../slots.ts";

/** The metrics of slots and queues: counters from events, gauges from what is in progress at a scrape. */
export function admissionMetrics(registry: Registry, slots: Slots) {
  const labelNames = ["limit"] as const;
  type Count = ReturnType<Slots["counts"]>[number];
  /** A limit that a reload has removed leaves the gauge with its last request. */
  function gaugeOf(name: string, help: string, valueOf: (count: Count) => number | undefined, aggregator: "sum" | "max" = "sum"): void {
    const gauge = createGauge({
      name,
      help,
      labelNames,
      aggregator,
      registry,
      collect: () => {
        gauge.clear();
        for (const count of slots.counts()) {
          const value = valueOf(count);
          if (value !== undefined) gauge.set([count.limit], value);
        }
      },
    });
  }
  gaugeOf("gateway_admission_in_flight", "Requests that hold a slot of a limit.", ({ inFlight }) => inFlight);
  gaugeOf("gateway_admission_waiting", "Requests that wait for a slot of a limit.", ({ waiting }) => waiting);
  gaugeOf("gateway_admission_limit", "Slots of a limit.", ({ size }) => size, "max");
  const refusals = createCounter({
    name: "gateway_admission_refusals_total",
    help: "Requests refused for lack of a slot.",
    labelNames: ["limit", "of", "reason"],
    registry,
  });
  const left = createCounter({
    name: "gateway_admission_left_total",
    help: "Requests whose client left while they waited for a slot.",
    labelNames,
    registry,
  });
  const waits = createHistogram({
    name: "gateway_admission_wait_seconds",
    help: "Time that admitted requests waited for their slots.",
    labelNames,
    registry,
  });
  /** The last limit is that of the service itself, unless only keys are limited. */
  const nameOf = (limits: readonly string[]): string => limits.at(-1) ?? "none";
  return {
    requestAdmitted: ({ limits, waitedMs }: RequestAdmitted) => waits.observe([nameOf(limits)], waitedMs / 1_000),
    admissionRefused: ({ limit, of, reason }: AdmissionRefused) => refusals.inc([limit === "" ? "none" : limit, of, reason]),
    waitingClientLeft: ({ limits }: WaitingClientLeft) => left.inc([nameOf(limits)]),
  };
}
