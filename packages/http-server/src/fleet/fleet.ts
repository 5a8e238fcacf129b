/** Names of the functions in `Calls`. */
export type CallName<Calls> = {
  [Name in keyof Calls]: Calls[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof Calls] &
  string;

/** What one process replies to a call. */
export type CallReply<Calls, Name extends keyof Calls> = Calls[Name] extends (...args: never[]) => infer Reply ? Awaited<Reply> : never;

/** The arguments of a call. */
export type CallArguments<Calls, Name extends keyof Calls> = Calls[Name] extends (...args: infer Args) => unknown ? Args : never;

/** What all processes reply to a call. */
export interface FleetReplies<Reply> {
  readonly replies: readonly Reply[];
  /** Processes that failed, or did not reply in time. */
  readonly missing: number;
}

/**
 * All processes that serve clients: the workers of a primary, or one process without workers.
 *
 * `Calls` are the functions that each of them has. Between processes, arguments and replies are sent as JSON: without `undefined`,
 * dates and functions.
 */
export interface Fleet<Calls> {
  /** Calls every process. */
  all<Name extends CallName<Calls>>(call: Name, ...args: CallArguments<Calls, Name>): Promise<FleetReplies<CallReply<Calls, Name>>>;
  /** Calls one process about what all share. @returns `undefined` if none serves, it failed, or it did not reply in time */
  one<Name extends CallName<Calls>>(call: Name, ...args: CallArguments<Calls, Name>): Promise<CallReply<Calls, Name> | undefined>;
  /** Listens to the workers no more; calls that wait have no reply. */
  close(): void;
}

/** A program's fleet when it runs without workers: this process. An error of a call is thrown. */
export function soleProcess<Calls extends object>(calls: Calls): Fleet<Calls> {
  return {
    all: async (call, ...args) => ({ replies: [await callByName(calls, call, args)], missing: 0 }),
    one: (call, ...args) => callByName(calls, call, args),
    close: () => undefined,
  };
}

/** @throws Error when there is no such function, which a worker with other code may be asked for */
export async function callByName<Calls extends object, Name extends CallName<Calls>>(
  calls: Calls,
  name: Name,
  args: readonly unknown[],
): Promise<CallReply<Calls, Name>> {
  const called: unknown = calls[name];
  if (typeof called !== "function") throw new Error(`there is no call ${JSON.stringify(name)}`);
  return (await Reflect.apply(called, calls, args)) as CallReply<Calls, Name>;
}
