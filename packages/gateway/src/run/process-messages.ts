import type { ProcessCall } from "../admin/serving-process.ts";

const type = "aivillage:gateway";

/** Between a primary and its workers, for the admin listener. */
export type ProcessMessage =
  /** From a worker: it serves, and can be called. */
  | { readonly type: typeof type; readonly ready: true }
  /** To a worker: call this. */
  | { readonly type: typeof type; readonly id: number; readonly call: ProcessCall; readonly args: readonly unknown[] }
  /** From a worker: what came of it. */
  | { readonly type: typeof type; readonly id: number; readonly reply: unknown }
  | { readonly type: typeof type; readonly id: number; readonly error: string };

export const ready = (): ProcessMessage => ({ type, ready: true });
export const callOf = (id: number, call: ProcessCall, args: readonly unknown[]): ProcessMessage => ({ type, id, call, args });
export const replyOf = (id: number, reply: unknown): ProcessMessage => ({ type, id, reply });
export const errorOf = (id: number, error: Error): ProcessMessage => ({ type, id, error: error.message });

/** Other messages belong to somebody else. */
export function isProcessMessage(message: unknown): message is ProcessMessage {
  return typeof message === "object" && message !== null && (message as { type?: unknown }).type === type;
}
