/** The type of all messages between a fleet and its workers. */
export const messageType = "aivillage:http-server.fleet";

/** What a worker and its primary ask each other. */
export type Question =
  /** To the primary: from now on this worker can be called, or cannot. */
  | { readonly isMember: boolean }
  /** To a worker: call this and reply with what it returns. */
  | { readonly call: string; readonly args: readonly unknown[] };
