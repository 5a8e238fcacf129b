/** What a command reads from and writes to. */
export interface KeysIo {
  /** Where `verify` reads the key. */
  readonly stdin: AsyncIterable<string | Uint8Array>;
  /** Results: a new key, a list, a verdict. */
  readonly stdout: { write(text: string): unknown };
  /** What a person should know beside the result. */
  readonly stderr: { write(text: string): unknown };
  /** The keys file when `--file` is left out; empty for none. */
  readonly defaultFile: string;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}
