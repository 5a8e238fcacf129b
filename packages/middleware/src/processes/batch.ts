import { hasMessageType } from "./message-type.ts";

/** All calls of one turn of a worker's event loop, or the responses to them in the same order. */
interface Batch<T> {
  readonly type: string;
  readonly id: number;
  readonly items: readonly T[];
}

export function toBatch<T>(type: string, id: number, items: readonly T[]): Batch<T> {
  return { type, id, items };
}

/** The batch in a message; other messages belong to somebody else. */
export function readBatch<T>(type: string, message: unknown): Batch<T> | undefined {
  return hasMessageType(message, type) ? (message as Batch<T>) : undefined;
}

/** How a call has ended in the primary. */
export type CallOutcome<Reply> = { readonly reply: Reply } | { readonly error: string };
