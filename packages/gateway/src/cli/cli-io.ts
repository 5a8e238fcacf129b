import type { Variables } from "../config/loader/environment.ts";

/** Where a command writes. */
interface Output {
  write(text: string): unknown;
  /** Whether it is a terminal. Default false. */
  readonly isTTY?: boolean;
}

/** What a command line reads from and writes to. `process` is one. */
export interface CliIo {
  /** Where `keys verify` reads the key. */
  readonly stdin: AsyncIterable<string | Uint8Array>;
  /** Results: a new key, a list, a verdict. */
  readonly stdout: Output;
  /** Errors, warnings, and what a person should know beside the result. */
  readonly stderr: Output;
  /** Environment variables. Default: those of the process. */
  readonly env?: Variables;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** The flags that choose the configuration. */
export interface ConfigFlags {
  readonly config?: string;
  readonly port?: string;
}

/** Runs the action of a command, which resolves with the exit code. */
export type RunAction = (action: () => Promise<number>) => Promise<void>;

/** Writes a result for people, or as JSON. */
export function show(io: CliIo, { json }: { readonly json?: boolean }, text: string, data: unknown): void {
  io.stdout.write(json === true ? `${JSON.stringify(data)}\n` : text);
}
