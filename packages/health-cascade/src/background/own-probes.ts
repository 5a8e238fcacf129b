import { setTimeout as delay } from "node:timers/promises";

import { foundNow, type ProbeResult } from "../probe-result.ts";
import { probeReplica } from "../probe.ts";
import type { ProbeTarget } from "../services.ts";
import type { OnProbe, ProbeSource } from "./probe-source.ts";
import { makeSlots, type Slots } from "./slots.ts";

/** Most probes that run at once in a process: each one is a connection. */
const maxRunning = 256;

/** Probes of this process. All that follow the same target share its probes, also when one cascade takes the place of another. */
export const ownProbes = makeOwnProbes();

function makeOwnProbes(): ProbeSource {
  const slots = makeSlots(maxRunning);
  const loops = new Map<string, ProbeLoop>();

  return {
    follow(target, onProbe) {
      const key = JSON.stringify(target);
      const loop = loops.get(key) ?? new ProbeLoop(target, slots);
      loops.set(key, loop);
      loop.add(onProbe);
      return () => {
        loop.remove(onProbe);
        if (loop.isIdle) loops.delete(key);
      };
    },
  };
}

/** Probes one target as long as somebody follows it. */
class ProbeLoop {
  readonly #target: ProbeTarget;
  readonly #slots: Slots;
  readonly #followers = new Set<OnProbe>();
  readonly #stop = new AbortController();
  #last: { readonly result: ProbeResult; readonly endedAt: number } | undefined;

  constructor(target: ProbeTarget, slots: Slots) {
    this.#target = target;
    this.#slots = slots;
    void this.#run();
  }

  get isIdle(): boolean {
    return this.#followers.size === 0;
  }

  add(onProbe: OnProbe): void {
    this.#followers.add(onProbe);
    if (this.#last !== undefined) onProbe({ ...this.#last.result, ageMs: performance.now() - this.#last.endedAt });
  }

  remove(onProbe: OnProbe): void {
    this.#followers.delete(onProbe);
    if (this.isIdle) this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const startedAt = performance.now();
      await this.#probe(signal);
      const restMs = withJitter(this.#target.intervalMs) - (performance.now() - startedAt);
      // An abort rejects; the loop ends then.
      await delay(Math.max(0, restMs), undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    await this.#slots.take();
    const finding = await probeReplica(this.#target, signal).finally(() => this.#slots.giveBack());
    if (signal.aborted) return;
    const result = foundNow(finding);
    this.#last = { result, endedAt: performance.now() };
    for (const onProbe of this.#followers) onProbe(result);
  }
}

/** Up to a tenth earlier or later, so that the probes of many targets and machines do not arrive together. */
function withJitter(ms: number): number {
  return ms * (0.9 + Math.random() * 0.2);
}
