import cluster, { type Worker } from "node:cluster";

import { type CallOutcome, readBatch, toBatch } from "./batch.ts";

/**
 * Serves the `PrimaryCalls` of all workers, in the primary of `node:cluster`.
 *
 * @param type as the workers have it
 * @param makeReply makes the reply; what it throws becomes the error of the worker's call
 * @returns stops serving them
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what its workers send
export function replyToWorkers<Call, Reply>(type: string, makeReply: (call: Call) => Reply | PromiseLike<Reply>): () => void {
  async function outcomeOf(call: Call): Promise<CallOutcome<Reply>> {
    try {
      return { reply: await makeReply(call) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  async function onMessage(worker: Worker, message: unknown): Promise<void> {
    const batch = readBatch<Call>(type, message);
    if (batch === undefined) return;
    const outcomes = await Promise.all(batch.items.map(outcomeOf));
    // A worker that died meanwhile needs no response.
    if (worker.isConnected()) worker.send(toBatch(type, batch.id, outcomes), () => undefined);
  }

  const listener = (worker: Worker, message: unknown): void => void onMessage(worker, message);
  cluster.on("message", listener);
  return () => void cluster.off("message", listener);
}
