import { callProcess } from "../admin/fleet.ts";
import type { ServingProcess } from "../admin/serving-process.ts";
import { errorOf, isProcessMessage, type ProcessMessage, ready, replyOf } from "./process-messages.ts";

/**
 * In a worker: does what the admin listener of the primary asks.
 */
export function answerPrimary(serving: ServingProcess): { close(): Promise<void> } {
  const send = (message: ProcessMessage): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  const onMessage = (message: unknown): void => {
    if (!isProcessMessage(message) || !("call" in message)) return;
    const { id, call, args } = message;
    callProcess(serving, call, args).then(
      (reply) => send(replyOf(id, reply)),
      (error: Error) => send(errorOf(id, error)),
    );
  };
  process.on("message", onMessage);
  send(ready());
  return {
    close: async () => {
      process.off("message", onMessage);
      serving.close();
    },
  };
}
