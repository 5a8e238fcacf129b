import cluster from "node:cluster";

import { ownProbes } from "../background/own-probes.ts";
import type { OnProbe, ProbeSource } from "../background/probe-source.ts";
import type { ProbeResult } from "../probe-result.ts";
import { packageName, type ProbeTarget } from "../services.ts";
import { staleAfterMs } from "../stale-after.ts";
import { endProbes, isProbeReply, type ProbeRequest, requestProbes } from "./messages.ts";

/** How long a primary may take to say that it has a request. */
const acknowledgedWithinMs = 1_000;

/**
 * Results of probes that the primary sends. While it is silent, this worker probes by itself.
 *
 * @throws Error in a process that is not a worker
 */
export function primaryProbes(): ProbeSource {
  if (!cluster.isWorker) throw new Error(`${packageName}: \`probe: "primary"\` belongs in a worker; the primary calls probeForWorkers()`);
  const followed = new Map<number, Followed>();
  let lastId = 0;

  const onMessage = (message: unknown): void => {
    if (isProbeReply(message)) followed.get(message.id)?.receive(message.result);
  };

  return {
    follow(target, onProbe) {
      const id = (lastId += 1);
      if (followed.size === 0) process.on("message", onMessage);
      const made = new Followed(id, target, onProbe);
      followed.set(id, made);
      return () => {
        made.close();
        followed.delete(id);
        if (followed.size === 0) process.off("message", onMessage);
      };
    },
  };
}

/** One target of this worker. */
class Followed {
  readonly #id: number;
  readonly #target: ProbeTarget;
  readonly #onProbe: OnProbe;
  #silence: NodeJS.Timeout | undefined;
  #endOwn: (() => void) | undefined;

  constructor(id: number, target: ProbeTarget, onProbe: OnProbe) {
    this.#id = id;
    this.#target = target;
    this.#onProbe = onProbe;
    send(requestProbes(id, target));
    this.#waitForWord(acknowledgedWithinMs);
  }

  /** The primary has said something: a result, or that it probes now. */
  receive(result: ProbeResult | undefined): void {
    this.#waitForWord(staleAfterMs(this.#target));
    this.#endOwn?.();
    this.#endOwn = undefined;
    if (result !== undefined) this.#onProbe(result);
  }

  close(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
    this.#endOwn?.();
    send(endProbes(this.#id));
  }

  /** A message that came while this process was busy counts: an immediate comes after the look at the channel. */
  #waitForWord(ms: number): void {
    clearTimeout(this.#silence);
    const silence = setTimeout(() => setImmediate(() => this.#silence === silence && this.#goOnAlone()), ms).unref();
    this.#silence = silence;
  }

  /** Asks again from time to time: the primary may have started to probe late. */
  #goOnAlone(): void {
    this.#endOwn ??= ownProbes.follow(this.#target, this.#onProbe);
    send(requestProbes(this.#id, this.#target));
    this.#waitForWord(staleAfterMs(this.#target));
  }
}

function send(request: ProbeRequest): void {
  if (process.connected) process.send?.(request, undefined, undefined, () => undefined);
}
