import { setTimeout as delay } from "node:timers/promises";

import type { Probing } from "../probing.ts";
import type { ServiceState } from "../service-state.ts";
import type { ProbeSource } from "./probe-source.ts";

/** Probes all services from the first caller on; only callers that come before the first results wait, at most `deadlineMs`. */
export function probeInBackground(states: readonly ServiceState[], source: ProbeSource, deadlineMs: number): Probing {
  const probed = states.filter(({ service }) => !service.disabled);
  const { promise: allKnown, resolve: letGo } = Promise.withResolvers<void>();
  const ends: (() => void)[] = [];
  const createdAt = Date.now();
  let isStarted = false;
  let isSettled = probed.length === 0;

  function settle(): void {
    isSettled = true;
    letGo();
  }

  function start(): void {
    if (isStarted) return;
    isStarted = true;
    for (const { replicas } of probed) {
      for (const state of replicas) {
        const end = source.follow(state.replica.target, (result) => {
          state.count(result);
          if (!isSettled && probed.every(({ report }) => report.status !== "unknown")) settle();
        });
        ends.push(end);
      }
    }
  }

  return {
    get endedAt() {
      return new Date(Math.max(createdAt, ...probed.flatMap(({ foundAt }) => foundAt ?? [])));
    },
    start,
    ask() {
      start();
      return isSettled ? undefined : Promise.race([allKnown, delay(deadlineMs, undefined, { ref: false })]);
    },
    close() {
      // Nothing starts any more.
      isStarted = true;
      for (const end of ends.splice(0)) end();
      settle();
    },
  };
}
