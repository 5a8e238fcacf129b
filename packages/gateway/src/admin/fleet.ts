import type { ProcessCall, ServingProcess } from "./serving-process.ts";

/** What one process replies to a call. */
export type Reply<Call extends ProcessCall> = Awaited<ReturnType<ServingProcess[Call]>>;

/** What all processes reply to a call. */
export interface Replies<Call extends ProcessCall> {
  readonly replies: readonly Reply<Call>[];
  /** Processes that did not reply in time. */
  readonly missing: number;
}

/** Every process that serves clients: this one, or the workers of a primary. */
export interface Fleet {
  all<Call extends ProcessCall>(call: Call, ...args: Parameters<ServingProcess[Call]>): Promise<Replies<Call>>;
  /** Asks one process about what all share. @returns `undefined` if none serves, or it did not reply in time */
  one<Call extends ProcessCall>(call: Call, ...args: Parameters<ServingProcess[Call]>): Promise<Reply<Call> | undefined>;
  close(): void;
}

/** The fleet of one process, without workers. */
export function soleProcess(sole: ServingProcess): Fleet {
  return {
    all: async (call, ...args) => ({ replies: [await callProcess(sole, call, args)], missing: 0 }),
    one: (call, ...args) => callProcess(sole, call, args),
    close: () => sole.close(),
  };
}

/** Calls a method of a process by its name. */
export async function callProcess<Call extends ProcessCall>(
  called: ServingProcess,
  call: Call,
  args: readonly unknown[],
): Promise<Reply<Call>> {
  const method = called[call] as (...given: readonly unknown[]) => Reply<Call> | Promise<Reply<Call>>;
  return await method(...args);
}
