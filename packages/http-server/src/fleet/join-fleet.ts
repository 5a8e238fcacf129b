import cluster from "node:cluster";

import { RequestReply } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { callByName } from "./fleet.ts";
import { messageType, type Question } from "./messages.ts";

/** Nobody waits for a primary that does not reply, because it has no `workerFleet()` or hangs. */
const primaryMs = 2_000;

/**
 * In a worker of `node:cluster`: lets the `workerFleet()` of its primary call these functions, which may be `async`.
 *
 * @returns leaves the fleet
 * @throws Error in a process that is not a worker
 */
export function joinFleet(calls: object): () => void {
  if (!cluster.isWorker) throw new Error(`${packageName}: joinFleet() belongs in a worker; the primary calls workerFleet()`);
  const peer = new RequestReply<Question>({
    type: messageType,
    send: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    reply: (question) => {
      if ("call" in question) return callByName(calls as Record<string, () => unknown>, question.call, question.args);
      throw new Error("a worker is no fleet");
    },
  });
  const onMessage = (message: unknown): void => void peer.receive(message);
  process.on("message", onMessage);
  const setMember = (isMember: boolean): void => void peer.ask({ isMember }, primaryMs).catch(() => undefined);
  setMember(true);
  return () => {
    setMember(false);
    process.off("message", onMessage);
    peer.close();
  };
}
