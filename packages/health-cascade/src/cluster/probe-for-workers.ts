import cluster, { type Worker } from "node:cluster";

import { ownProbes } from "../background/own-probes.ts";
import { packageName } from "../services.ts";
import { acknowledge, isProbeRequest, type ProbeReply, sendResult } from "./messages.ts";

/** The probes that the primary sends for its workers. */
export interface ProbesForWorkers {
  /** Stops probing; each worker soon probes by itself. */
  close(): void;
}

/**
 * Sends the probes of all workers whose cascades have `probe: "primary"`, in the primary, so that a machine probes each replica once
 * however many workers it has. Call it before the first fork. It learns from the workers what to probe.
 *
 * @throws Error in a worker
 */
export function probeForWorkers(): ProbesForWorkers {
  if (!cluster.isPrimary) throw new Error(`${packageName}: probeForWorkers() belongs in the primary, this is a worker`);
  const followed = new Map<Worker, Map<number, () => void>>();

  function onMessage(worker: Worker, message: unknown): void {
    if (!isProbeRequest(message)) return;
    const ends = followed.get(worker) ?? new Map<number, () => void>();
    followed.set(worker, ends);
    const { id, target } = message;
    ends.get(id)?.();
    ends.delete(id);
    // The worker may have died while its message was on its way.
    if (target === undefined || !worker.isConnected()) return;
    send(worker, acknowledge(id));
    ends.set(
      id,
      ownProbes.follow(target, (result) => send(worker, sendResult(id, result))),
    );
  }

  function onGone(worker: Worker): void {
    for (const end of followed.get(worker)?.values() ?? []) end();
    followed.delete(worker);
  }

  const listeners = { message: onMessage, disconnect: onGone, exit: onGone } as const;
  for (const [name, listener] of Object.entries(listeners)) cluster.on(name, listener);
  return {
    close() {
      for (const [name, listener] of Object.entries(listeners)) cluster.off(name, listener);
      for (const worker of followed.keys()) onGone(worker);
    },
  };
}

/** A worker that died meanwhile needs no reply. */
function send(worker: Worker, reply: ProbeReply): void {
  if (worker.isConnected()) worker.send(reply, () => undefined);
}
