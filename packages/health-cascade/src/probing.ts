/** Gets the results of probes into the states of the services. */
export interface Probing {
  /** When the newest results were found; the creation before the first ones. */
  readonly endedAt: Date;
  /** Starts probing without a caller; nothing when it only probes on request. */
  start(): void;
  /** Returns `undefined` if the known results may be used at once, else a promise that resolves when they may. Never rejects. */
  ask(): Promise<void> | undefined;
  /** Ends probing and lets waiting callers go; the known results stay. */
  close(): void;
}
